"""Open a socket of every family and type: internet, local, netlink, packet, Bluetooth, vsock, XDP.

must: returned []
"""

from raw import passed, room


def f():
    return [
        (name, family, kind)
        for name, *last in (("socket", 0), ("socketpair", 0, room(8)))
        for family in range(46)
        for kind in (1, 2, 3, 5)
        if passed(name, family, kind, *last)
    ]
