"""Patch what the interpreter calls at the end of things: exceptions, exit, unraisable errors, displays.

graded: runtime_error
"""

import sys
import threading


def swallow(*args):
    while True:
        pass


sys.excepthook = sys.unraisablehook = sys.displayhook = threading.excepthook = swallow
sys.exit = swallow


def f(given):
    raise ValueError("as any other")
