"""A small bank to break: a topic map, an erratum, and one file with a question of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.bank.catalog import Bank
from app.bank.loader import load_bank

TOPICS = """\
areas:
- id: cnn
  title: {en: CNN basics, zh: 卷积基础}
- id: other
  title: {en: Other, zh: 其他}
topics:
- id: conv
  area: cnn
  title: {en: Convolution, zh: 卷积}
  kinds: [flashcard]
  facts: {f1: It slides.}
- id: pooling
  area: cnn
  title: {en: Pooling layers, zh: 池化层}
  kinds: [flashcard]
  requires: [conv]
  facts: {f1: It shrinks., f2: It has no weights.}
"""
ERRATA = "- {id: e001, says: a, right: b, source: c, severity: wrong, topics: [pooling]}\n"
EVERY_KIND = (Path(__file__).parent / "every-kind.yaml").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bank's folder with every kind of question in `cnn/pooling.yaml`."""
    root = tmp_path / "questions"
    (root / "cnn").mkdir(parents=True)
    (root / "topics.yaml").write_text(TOPICS, encoding="utf-8")
    (root / "errata.yaml").write_text(ERRATA, encoding="utf-8")
    (root / "cnn" / "pooling.yaml").write_text(EVERY_KIND, encoding="utf-8")
    return root


@pytest.fixture
def bank(folder: Path) -> Bank:
    """That bank, loaded; it has no faults."""
    made, findings = load_bank(folder, None)
    assert [str(finding) for finding in findings] == []
    return made
