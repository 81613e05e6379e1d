"""A page on the JSON API, made from its OpenAPI description, without script or anything from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from app.web.pages import html
from app.web.services import Here

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    summary: str
    body: str | None
    answer: str | None


@dataclass(frozen=True)
class DocsView:
    operations: list[Operation]
    schemas: dict[str, dict[str, str]]


@router.get("/api/openapi.json")
def openapi(visit: Here) -> Response:
    visit.require_learner()
    return JSONResponse(visit.request.app.openapi())


@router.get("/api/docs")
def docs(visit: Here) -> Response:
    visit.require_learner()
    description = visit.request.app.openapi()
    operations = [
        Operation(
            method=method.upper(),
            path=path,
            summary=operation.get("description", ""),
            body=_schema_name(operation.get("requestBody", {})),
            answer=next(
                (_schema_name(it) for status, it in operation["responses"].items() if status.startswith("2")), None
            ),
        )
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    schemas = {
        name: {key: _type(value) for key, value in schema.get("properties", {}).items()}
        for name, schema in description["components"]["schemas"].items()
    }
    return html(visit, "api/docs.html", DocsView(operations, schemas), active="")


def _schema_name(described: dict[str, Any]) -> str | None:
    content = described.get("content", {}).get("application/json", {})
    return _type(content.get("schema", {})) if content else None


def _type(schema: dict[str, object]) -> str:
    """A schema in a few words: `integer`, `array of string`, a name, or alternatives."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if isinstance(alternatives := schema.get("anyOf"), list):
        return " | ".join(_type(it) for it in alternatives)
    if isinstance(values := schema.get("enum"), list):
        return " | ".join(map(repr, values))
    if schema.get("type") == "array" and isinstance(item := schema.get("items"), dict):
        return f"array of {_type(item)}"
    return str(schema.get("type", "any"))
