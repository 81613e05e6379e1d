"""Script in every text of every kind of question: on each page of the editor it is text, and nothing of it runs."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml as pyyaml
from fastapi.testclient import TestClient
from keepers import services
from sample_forms import of_every_kind
from test_templates import Outline

from app.authoring import revisions
from app.authoring.models import Origin
from app.authoring.revisions import Fresh

SCRIPT = "</textarea></pre><script>alert(1)</script><img src=x onerror=alert(2)> [x](javascript:alert(3))"


def hostile(value: Any, name: str = "") -> Any:
    """The data with the script at the end of each of its texts."""
    if isinstance(value, dict):
        return {key: hostile(inner, key if key not in ("en", "zh") else name) for key, inner in value.items()}
    if isinstance(value, list):
        return [hostile(inner, name) for inner in value]
    return f"{value} {SCRIPT}" if isinstance(value, str) and name in TEXTS else value


TEXTS = frozenset(
    {
        "prompt", "answer", "text", "why", "explanation", "erratum", "point", "ask", "model_answer", "left", "right",
        "note", "solution", "unit", "sources", "complexity", "hints", "title", "alt", "decoys", "accept", "starter",
    }
)  # fmt: skip


@pytest.fixture
def keeper(client: TestClient) -> TestClient:
    """The local admin, and a first revision of each kind by somebody else with a hostile name and note."""
    held = services(client)
    with held.db.write() as connection:
        for kind, text in of_every_kind().items():
            fresh = Fresh(f"every-{kind}", "iou", "draft", text, None, Origin.imported, note=SCRIPT)
            revisions.save(connection, fresh, None, held.clock(), base_number=None, publish=False)
    return client


def faults(page: str) -> list[str]:
    """What of a page could run. Everything is escaped, so that not even its marks stand there as marks."""
    outline = Outline(page)
    links = [it["href"] for it in outline.all("a") if (it.get("href") or "").startswith("javascript")]
    images = outline.all("img")
    return [*outline.faults, *map(str, links), *map(str, images)]


@pytest.mark.parametrize("kind", list(of_every_kind()))
def test_hostile_texts_of_every_kind_are_shown_as_text(keeper: TestClient, kind: str) -> None:
    name = f"every-{kind}"
    at = f"/admin/questions/{name}"
    data = hostile(pyyaml.safe_load(of_every_kind()[kind]))
    text = json.dumps(data, ensure_ascii=False) + "\n"
    form = {"yaml": text, "base_number": "1", "note": SCRIPT}
    pages = {"check": keeper.post(f"{at}/check", data=form)}
    for side in ("question", "answer", "wrong"):
        for lang in ("en", "zh"):
            look = {"side": side, "preview_lang": lang}
            pages[f"preview {side} {lang}"] = keeper.post(f"{at}/preview", data=form | look)
    pages["refused"] = keeper.post(f"{at}/edit", data=form | {"action": "ready"})
    saved = keeper.post(f"{at}/edit", data=form | {"action": "draft"})
    assert saved.status_code == 303
    other = text.replace('"id"', '"note-of-mine": 1, "id"', 1)
    pages["conflict"] = keeper.post(f"{at}/edit", data=form | {"yaml": other, "action": "draft"})
    assert pages["conflict"].status_code == 409
    for mode in ("form", "yaml"):
        pages[f"edit {mode}"] = keeper.get(f"{at}/edit?show={mode}")
    pages["publish"] = keeper.get(f"{at}/publish")
    pages["copy"] = keeper.get(f"{at}/duplicate")
    for where, page in pages.items():
        assert page.status_code in (200, 303, 409, 422), where
        if page.status_code != 303:
            assert faults(page.text) == [], where
            assert "<script>alert" not in page.text, where
    assert any("&lt;script&gt;alert(1)" in page.text for page in pages.values())
