"""Use the network as a program would. Each attempt has to end in a refusal, most of them in words.

must: returned {'pair': 'refused', 'loop': 'refused'}
seconds: 1
"""

import asyncio
import http.client
import socket
import urllib.request


def f():
    ended = {}
    for name, attempt in {
        "socket": socket.socket,
        "unix": lambda: socket.socket(socket.AF_UNIX),
        "pair": socket.socketpair,
        "connect": lambda: socket.create_connection(("127.0.0.1", 9), 0.1),
        "name": lambda: socket.getaddrinfo("localhost", 80),
        "url": lambda: urllib.request.urlopen("http://127.0.0.1:9/", timeout=0.1),
        "http": lambda: http.client.HTTPConnection("127.0.0.1", 9, timeout=0.1).connect(),
        "loop": asyncio.new_event_loop,
    }.items():
        try:
            attempt()
            ended[name] = "done"
        except OSError as error:
            if "not allowed here" not in str(error):
                ended[name] = "refused" if isinstance(error, PermissionError) else str(error)
    return ended
