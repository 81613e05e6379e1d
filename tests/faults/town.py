"""A bank for a whole town: flashcards to rate, small coding questions, cards that editors change, one interview."""

from __future__ import annotations

from pathlib import Path

import yaml
from small_bank import write_bank

CARDS = [f"card-{n}" for n in range(40)]
EDITED = [f"edited-{n}" for n in range(4)]
INTERVIEW = "hasty"
_MINUTES = 30
_TOPIC = """\
- id: recall
  area: cnn
  title: {en: Recall, zh: 回忆}
  kinds: [flashcard]
  facts: {f1: Two is two.}
- id: edited
  area: cnn
  title: {en: Edited, zh: 编辑}
  kinds: [flashcard]
  facts: {f1: Three is three.}
"""
_BLUEPRINT = f"""id: {INTERVIEW}
title: {{en: Hasty, zh: 匆忙}}
summary: {{en: Hasty., zh: 匆忙。}}
minutes: {_MINUTES}
sections:
- {{title: {{en: Code, zh: 代码}}, minutes: {_MINUTES}, count: 1, kinds: [code]}}
"""


def write_town(folder: Path) -> Path:
    write_bank(folder)
    doubling = folder / "cnn" / "doubling.yaml"
    doubling.write_text(doubling.read_text("utf-8").replace("minutes: 1\n", "minutes: 0.1\n"), "utf-8")
    with (folder / "topics.yaml").open("a", encoding="utf-8") as topics:
        topics.write(_TOPIC)
    for topic, names in (("recall", CARDS), ("edited", EDITED)):
        questions = [yaml.safe_load(card(name, 0)) for name in names]
        text = yaml.safe_dump({"topic": topic, "questions": questions}, sort_keys=False, allow_unicode=True)
        (folder / "cnn" / f"{topic}.yaml").write_text(text, encoding="utf-8")
    (folder / "interviews").mkdir()
    (folder / "interviews" / f"{INTERVIEW}.yaml").write_text(_BLUEPRINT, encoding="utf-8")
    return folder


def card(name: str, edition: object) -> str:
    """The text of a flashcard of that name as edited for the so-manieth time."""
    return f"""\
id: {name}
kind: flashcard
difficulty: 1
minutes: 1
covers: [f1]
sources: [made for a test]
prompt: {{en: 'Say {name}, edition <{edition}>.', zh: '说出 {name}，第 <{edition}> 版。'}}
answer: {{en: 'It is {name}.', zh: '是 {name}。'}}
"""
