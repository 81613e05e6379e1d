"""The JSON Schema of a topic file, for completion and checks in an editor.

Made from the models, with two differences: descriptions on one line, and what JSON Schema can't say (blanks that match,
one correct option, names in the topic map) left to `whetstone check`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.bank.schema import TopicFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(facts: Sequence[str] = ()) -> dict[str, Any]:
    """The schema as JSON data, the same for the same models; `facts` are given as examples of what may be covered."""
    made = TopicFile.model_json_schema()
    for model in made["$defs"].values():
        if facts and "covers" in model.get("properties", {}):
            model["properties"]["covers"]["items"]["examples"] = list(facts)
    return {"$schema": DIALECT, "title": "Whetstone questions on one topic", **_tidied(made)}


def _tidied(node: Any) -> Any:
    """Docstrings unwrapped; pydantic's titles, which only repeat names, dropped."""
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept: dict[str, Any] = {}
    for key, value in node.items():
        if key == "title" and isinstance(value, str):
            continue
        if key == "description" and isinstance(value, str):
            kept[key] = " ".join(value.split())
        elif key in ("properties", "$defs"):
            kept[key] = {name: _tidied(inner) for name, inner in value.items()}
        else:
            kept[key] = _tidied(value)
    return kept
