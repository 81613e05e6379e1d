"""The gate of the blueprints: each is well formed, and the bank can fill it, whoever sits it and however often."""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from app.bank.blueprints import FOLDER, load_blueprints
from app.bank.catalog import Bank
from app.bank.findings import Finding
from app.bank.schema.blueprint import Blueprint
from app.interview.paper import CannotFill, draw, eligible, group_of
from app.languages import Message, phrase

DRAWS = 40  # papers that are drawn, each after the ones before it have been seen
DAY_S = 86_400


def interview_findings(questions_dir: Path, bank: Bank, chosen: Container[object]) -> Iterator[Finding]:
    """Faults of the blueprints' files among those `chosen`, and sections of theirs that the bank cannot fill."""
    blueprints, findings = load_blueprints(questions_dir, bank)
    yield from (finding for finding in findings if finding.path in chosen)
    for blueprint in blueprints:
        path = questions_dir / FOLDER / f"{blueprint.id}.yaml"
        if path in chosen and (short := _short_section(blueprint, bank)) is not None:
            yield _cannot_fill(path, blueprint, short, bank)


def _short_section(blueprint: Blueprint, bank: Bank) -> int | None:
    """The first section that could not be filled in one of many draws, by a learner who sits it again and again."""
    seen: dict[str, datetime] = {}
    for sitting in range(DRAWS):
        try:
            paper = draw(blueprint, bank.published, seen, Random(sitting))
        except CannotFill as short:
            return short.section
        at = datetime.fromtimestamp(sitting * DAY_S, tz=UTC)
        seen |= {drawn.entry.question.id: at for drawn in paper}
    return None


def _cannot_fill(path: Path, blueprint: Blueprint, number: int, bank: Bank) -> Finding:
    section = blueprint.sections[number]
    fitting = [entry for entry in bank.published if eligible(section, entry) and group_of(section, entry)]
    message = phrase(
        "the bank cannot fill it: %(fitting)s questions fit, but not %(due)s that ask for different facts "
        "in these shares of topics and levels",
        fitting=len(fitting),
        due=section.count,
    )
    mend = phrase("ask for fewer, for other topics or levels, or give it more minutes (a question needs its own)")
    title = Message(section.title.en, section.title.zh)
    place = phrase("section %(number)s (%(title)s)", number=number + 1, title=title)
    return Finding(path, 1, 1, place, message, mend)
