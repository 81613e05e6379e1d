"""Patch imports, so that the runner would get other modules than it asks for.

graded: wrong_answer
"""

import builtins
import sys


class Finder:
    def find_spec(self, name, path=None, target=None):
        raise SystemExit


sys.meta_path.insert(0, Finder())
builtins.__import__ = lambda *args, **kwargs: sys
for name in ("struct", "os", "traceback", "linecache", "cell.encoding", "cell.decoding", "cell.channel"):
    sys.modules[name] = sys


def f(given):
    return 2
