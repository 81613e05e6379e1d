"""Look through every loaded module, and what modules can be found, for the app, its questions and its settings.

must: returned []
"""

import sys

WORDS = ("sqlmodel", "fastapi", "sqlalchemy", "yaml", "uvicorn", "pytest", "jinja2", "httpx")


def f():
    found = [name for name in sys.modules if name.partition(".")[0] in ("app", "questions", "tests", *WORDS)]
    for module in list(sys.modules.values()):
        place = getattr(module, "__file__", None) or ""
        if "/questions" in place or ("/app/" in place and "/app/sandbox/cell/" not in place):
            found.append(place)
    return found
