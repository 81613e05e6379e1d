"""Walk every path the interpreter knows for question files or the app's own packages.

must: returned []
"""

import importlib.util
import sys


def f():
    found = []
    for name in ("app", "app.bank", "yaml", "sqlmodel", "fastapi", "pytest"):
        try:
            if importlib.util.find_spec(name) is not None:
                found.append(name)
        except (ImportError, OSError):
            continue
    found += [name for name in sys.modules if name.split(".")[0] == "app"]
    return found
