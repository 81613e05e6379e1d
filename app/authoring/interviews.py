"""The gate of the blueprints: each is well formed, and the bank can fill it, whoever sits it and however often.

It also keeps a change of questions from taking an interview away that learners are offered.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from app.bank.blueprints import FOLDER, load_blueprints
from app.bank.catalog import Bank, Entry
from app.bank.findings import Finding
from app.bank.schema.blueprint import Blueprint
from app.errors import N_, Conflict
from app.interview.paper import CannotFill, draw, eligible, facts_of, group_of
from app.languages import Message, phrase

DRAWS = 40  # papers that are drawn, each after the ones before it have been seen
DAY_S = 86_400


class Undrawable(Conflict):
    """A change would take `blueprints` from learners.

    No waiver gets round it, unlike a finding of the publish gate: that is about one text, and its editor may know
    better; here everybody who starts the interview would be turned away. The ways out are open at any time.
    """

    title = N_("An interview could no longer be drawn")
    advice = N_(
        "Nothing was changed. Publish other questions that fit it first, or let its file in questions/interviews ask "
        "for less."
    )

    def __init__(self, blueprints: Iterable[Blueprint]) -> None:
        self.blueprints = tuple(blueprints)
        names = ", ".join(it.id for it in self.blueprints)
        super().__init__(N_("Too few questions would be left for: %(interviews)s."), interviews=names)


def interview_findings(questions_dir: Path, bank: Bank, chosen: Container[object]) -> Iterator[Finding]:
    """Faults of the blueprints' files among those `chosen`, and sections of theirs that the bank cannot fill."""
    blueprints, findings = load_blueprints(questions_dir, bank)
    yield from (finding for finding in findings if finding.path in chosen)
    for blueprint in blueprints:
        path = questions_dir / FOLDER / f"{blueprint.id}.yaml"
        if path in chosen and (short := _short_section(blueprint, bank)) is not None:
            yield _cannot_fill(path, blueprint, short, bank)


def require_drawable(blueprints: Iterable[Blueprint], bank: Bank, changes: Mapping[str, Entry | None]) -> None:
    """Raises Undrawable for `changes` of the bank's questions that would take an interview away. Takes up to a second
    where an interview is concerned: not for inside a transaction."""
    if taken := taken_away(blueprints, bank, changes):
        raise Undrawable(taken)


def taken_away(
    blueprints: Iterable[Blueprint], bank: Bank, changes: Mapping[str, Entry | None]
) -> tuple[Blueprint, ...]:
    """The blueprints that `bank` can fill and, with the `changes`, no longer could.

    Only those are tried that might draw one of these questions, and only where the change bears on the draw.
    """
    both = [(bank.questions.get(name), entry) for name, entry in changes.items()]
    moved = [it for pair in both if _as_drawn(pair[0]) != _as_drawn(pair[1]) for it in pair if it and it.is_published]
    concerned = [it for it in blueprints if any(_fits(it, entry) for entry in moved)]
    if not concerned:
        return ()
    after = bank.with_changes(changes)
    return tuple(it for it in concerned if _short_section(it, after) is not None and _short_section(it, bank) is None)


def _as_drawn(entry: Entry | None) -> object:
    """All of a question that a draw looks at; None where it is not drawn."""
    if entry is None or not entry.is_published:
        return None
    question = entry.question
    return question.kind, question.minutes, question.difficulty, entry.topic.id, facts_of(entry)


def _fits(blueprint: Blueprint, entry: Entry) -> bool:
    """Whether some section may ask the question."""
    return any(eligible(section, entry) and group_of(section, entry) is not None for section in blueprint.sections)


def _short_section(blueprint: Blueprint, bank: Bank) -> int | None:
    """The first section that could not be filled in one of many draws, by a learner who sits it again and again."""
    seen: dict[str, datetime] = {}
    fitting = [entry for entry in bank.published if _fits(blueprint, entry)]  # the draw looks at no others
    for sitting in range(DRAWS):
        try:
            paper = draw(blueprint, fitting, seen, Random(sitting))
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
