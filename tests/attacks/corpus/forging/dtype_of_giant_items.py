"""Return an empty array whose items would take four hundred megabytes each.

must: returned ndarray | forbidden
"""

from forge import array, returning


def f():
    return returning(array("<U99999999", (0,), b""))
