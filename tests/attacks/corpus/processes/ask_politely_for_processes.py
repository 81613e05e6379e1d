"""Start processes as a program would: subprocess, os.system, os.fork, a pool. Each has to be refused, most in words.

must: returned {'os.popen': 'refused', 'multiprocessing': 'refused'}
"""

import multiprocessing
import os
import subprocess


def f():
    ended = {}
    for name, attempt in {
        "subprocess": lambda: subprocess.run(["/bin/true"]),
        "os.system": lambda: os.system("true"),
        "os.popen": lambda: os.popen("true").read(),
        "os.fork": lambda: os.fork() or os._exit(0),
        "os.forkpty": lambda: os.forkpty()[0] or os._exit(0),
        "os.execv": lambda: os.execv("/nonexistent", ["x"]),
        "multiprocessing": lambda: multiprocessing.get_context("fork").Process().start(),
    }.items():
        try:
            attempt()
            ended[name] = "done"
        except OSError as error:
            if "not allowed here" not in str(error):
                ended[name] = "refused" if isinstance(error, PermissionError) else str(error)
    return ended
