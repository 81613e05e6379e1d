"""Who may do what: the least role for every route, by the beginning of its path, and a request for each route.

A new route under a path that stands here needs nothing; a new path needs a line in RULES, and a route that takes a body
that cannot be guessed from its types one in BODIES. Run as a program it prints the matrix as a Markdown table.
"""

from __future__ import annotations

import enum
import re
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI, params
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.routing import Mount, Route

from app.accounts.models import Role
from app.main import create_app
from app.settings import ROOT, Settings

CAST = ("stranger", "learner", "owner", "editor", "admin")  # the owner is a learner too, whose things the ids name
ROLES = {"learner": Role.learner, "owner": Role.learner, "editor": Role.editor, "admin": Role.admin}

# The longest beginning that fits holds. None: everybody, and nothing else in the app is for everybody.
RULES: dict[str, Role | None] = {
    "/healthz": None,
    "/readyz": None,
    "/static/dist": None,
    "/language": None,
    "/login": None,
    "/logout": None,
    "/signup": None,
    "/invite": None,
    "/reset": None,
    "/": Role.learner,  # that page alone
    "/account": Role.learner,
    "/api": Role.learner,
    "/browse": Role.learner,
    "/code": Role.learner,
    "/interviews": Role.learner,
    "/notices": Role.learner,
    "/practice": Role.learner,
    "/q": Role.learner,
    "/settings": Role.learner,
    "/topics": Role.learner,
    "/admin": Role.editor,
    "/api/admin": Role.editor,
    "/admin/audit": Role.admin,
    "/admin/people": Role.admin,
    "/admin/settings": Role.admin,
    "/admin/topics": Role.admin,
}

# For programs that come with a key of their own, or from the server's machine: no account opens these.
PROGRAMS = frozenset({"/metrics"})

# Ids that name something of one person: to everybody else, whatever their role, it is not there.
OWNED = frozenset({"session_id", "interview_id", "submission_id"})

_CARD = {"data": {"card_id": "1", "seed": "0", "rating": "3"}}

# What fills a place in a path; "1" where nothing is said.
PLACES = {"question_id": "iou", "topic_id": "iou", "blueprint_id": "warm-up-20", "key": "no-such-key"}

BODIES: dict[str, dict[str, Any]] = {
    "POST /admin/people/sign-up": {"data": {"mode": "open"}},  # closing it would change what others may
    "PUT /api/admin/questions/{question_id}": {"json": {"yaml": "x", "base_hash": "0" * 64}},
    "POST /api/admin/questions/{question_id}/publish": {"json": {"hash": "0" * 64}},
    **{f"POST /practice/{{session_id}}/{step}": _CARD for step in ("answer", "rate", "bury", "suspend", "flag")},
}
PLACE = re.compile(r"{(\w+)(?::\w+)?}")


@dataclass(frozen=True)
class Operation:
    """One method of one route. `route` is None for a folder of files."""

    method: str
    path: str
    route: APIRoute | Route | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def rule(self) -> str | None:
        """The rule that holds, or None if the matrix does not know this route."""
        fitting = [it for it in RULES if self.path == it or (it != "/" and self.path.startswith(f"{it}/"))]
        return max(fitting, key=len, default=None)

    @property
    def is_owned(self) -> bool:
        return bool(OWNED & set(PLACE.findall(self.path)))

    def expected(self, member: str) -> str:
        """`let in`, `asked to log in`, `forbidden` or `not found`."""
        if self.path in PROGRAMS:
            return "forbidden"
        assert self.rule is not None, f"{self}: give its path a line in RULES"
        least = RULES[self.rule]
        if least is None:
            return "let in"
        if member == "stranger":
            return "asked to log in"
        if not ROLES[member].reaches(least):
            return "forbidden"
        return "not found" if self.is_owned and member != "owner" else "let in"

    def address(self, places: dict[str, str]) -> str:
        return PLACE.sub(lambda place: (PLACES | places).get(place[1], "1"), self.path)

    def body(self) -> dict[str, Any]:
        """The least that the route reads without complaint, as arguments of a request."""
        if (given := BODIES.get(str(self))) is not None:
            return given
        if not isinstance(self.route, APIRoute):
            return {}
        wanted = [field for field in self.route.dependant.body_params if field.field_info.is_required()]
        form = {it.alias: _value(it.field_info.annotation) for it in wanted if isinstance(it.field_info, params.Form)}
        if form:
            return {"data": form}
        models = [_value(it.field_info.annotation) for it in wanted if not isinstance(it.field_info, params.Form)]
        return {"json": models[0]} if len(models) == 1 else {}


def operations(app: FastAPI) -> Iterator[Operation]:
    """Every method of every route of the app."""
    yield from _walk(app.routes)


def _walk(routes: Any) -> Iterator[Operation]:
    for route in routes:
        if isinstance(route, Mount):
            yield Operation("GET", route.path)
        elif isinstance(route, APIRoute | Route):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                yield Operation(method, route.path, route)
        else:  # what FastAPI makes of an included router
            yield from _walk(route.original_router.routes)


def _value(annotation: Any) -> Any:
    """Something of that type."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _value(inner[0])
    if origin is typing.Literal:
        return inner[0]
    if origin in (typing.Union, types.UnionType):
        return _value(inner[0])
    if origin in (list, dict, tuple, set):
        return origin()
    if isinstance(annotation, type):
        if issubclass(annotation, enum.Enum):
            return next(iter(annotation)).value
        if issubclass(annotation, BaseModel):
            needed = {name: it for name, it in annotation.model_fields.items() if it.is_required()}
            return {name: _value(it.annotation) for name, it in needed.items()}
        return {str: "x", int: 1, float: 1.0, bool: True}.get(annotation, {})
    return {}


def described() -> FastAPI:
    """The app as it is built, not started."""
    return create_app(Settings(Path("unused"), ROOT / "questions", "sqlite:///unused", "0.0.0.0", 8000))


def markdown() -> str:
    """The matrix, a row for each route."""
    lines = ["| route | " + " | ".join(CAST) + " |", "| --- " * (len(CAST) + 1) + "|"]
    lines += [
        f"| `{operation}` | " + " | ".join(operation.expected(member) for member in CAST) + " |"
        for operation in sorted(operations(described()), key=lambda it: (it.path, it.method))
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown())
