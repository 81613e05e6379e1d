"""The gate before one question is published: what `whetstone check` would say of a text, with the bank round it.

Runs the same checks as `check`, in the same order, over a text that is in no file yet: its schema and names, its texts,
what the bank with it in place would lack or give away, then its oracle or its solutions and mutants. Each fault is
placed in the text and at the field that it concerns. What runs the question's own code runs in the sandbox that is
handed in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Literal, get_args

from app.authoring.check import proofs
from app.authoring.findings import NO_ORACLE, Kept, NotChecked
from app.authoring.form import form_findings, forms
from app.authoring.gaps import gaps
from app.authoring.guarded import Guarded, OutOfTime
from app.authoring.mutant_gate import Figures
from app.authoring.mutants import CAP, mutants
from app.authoring.single import laid_out, placed, tidy
from app.authoring.starters import left_over
from app.authoring.wording import english_findings, wording_findings
from app.bank.catalog import Bank, Entry
from app.bank.checks import static_findings
from app.bank.findings import Finding
from app.bank.glossary import load_glossary
from app.bank.schema import ChoiceBase, Code, Question, Status, Topic
from app.grading.cases import Runs
from app.languages import NOTHING, Phrase, phrase
from app.sandbox import SandboxError

Step = Literal["schema", "texts", "bank", "oracle", "solutions", "mutants"]
STEPS: tuple[Step, ...] = get_args(Step)
PROOFS = frozenset({"oracle", "solutions", "mutants"})
MOST, LONGEST = 200, 2000  # findings of a step, characters of a message: more is neither read nor kept
MUTANT_WORKERS = 1  # learners' submissions come first

_FIELD = re.compile(r"([A-Za-z_]+):")


@dataclass(frozen=True)
class Told:
    """What one step says. `line` and `column` count from 1 in the question's own text, `field` is its top-level one.

    A `fault` must be mended or waived; what is `not_checked` could not be proved here; a `note` keeps nothing back.
    """

    step: Step
    kind: Literal["fault", "not_checked", "note"]
    field: str
    line: int
    column: int
    where: Kept
    message: Kept
    mend: Kept

    @property
    def can_be_waived(self) -> bool:
        """A text that can't be read can't be published, nor one whose claims could not be tried."""
        return self.kind == "fault" and self.step != "schema"


@dataclass(frozen=True)
class Progress:
    """`done` of `total` parts of `step`."""

    step: Step
    done: int
    total: int


@dataclass(frozen=True)
class Asked:
    """A text to be checked. `question_id`: the question that it is a text of, as the bank knows it."""

    question_id: str
    topic: Topic
    yaml: str


@dataclass(frozen=True)
class Ground:
    """What a text is checked against."""

    bank: Bank
    questions_dir: Path


def steps_of(kind: str) -> tuple[Step, ...]:
    """The steps that questions of a kind go through."""
    more: dict[str, tuple[Step, ...]] = {"numeric": ("oracle",), "code": ("solutions", "mutants")}
    return ("schema", "texts", "bank", *more.get(kind, ()))


def unreached(steps: Sequence[Step], told: Sequence[Told]) -> frozenset[Step]:
    """The steps that a run did not come to, because of what one before them said."""
    said = {it.step for it in told}
    if "schema" in said:
        return frozenset(steps[1:])
    if "texts" in said:
        return frozenset(step for step in steps if step in PROOFS)
    return frozenset(step for step in steps if step == "mutants" and "solutions" in said)


def run(
    asked: Asked,
    ground: Ground,
    sandbox: Runs,
    on_progress: Callable[[Progress], None],
    stopped: Event,
    proven: Sequence[Told] | None = None,
) -> list[Told]:
    """Everything that is said of the text, in the order of the steps. Raises `guarded.Stopped` once `stopped` is set.

    `proven` is what the proofs said of the very same text before; they are then not run again.
    """
    text = tidy(asked.yaml)
    fields = _Fields(text)
    on_progress(Progress("schema", 0, 1))
    with laid_out(text, asked.topic, ground.bank) as single:
        faults = [fields.told("schema", it) for it in single.findings[:MOST]]
        if single.entry is not None:
            faults += [fields.told("schema", it) for it in _name_faults(single.entry, asked.question_id, ground.bank)]
        if faults or single.entry is None:
            return faults or [
                fields.told(
                    "schema", _at_id(phrase("no question can be read"), phrase("write one: 'id: …', 'kind: …'"))
                )
            ]
        entry = _as_published(single.entry)
        on_progress(Progress("texts", 0, 1))
        faults = _tried("texts", fields, lambda: map(placed, [*static_findings(entry), *left_over(entry)]))
        on_progress(Progress("bank", 0, 1))
        found = faults + _tried("bank", fields, lambda: _of_the_bank(entry, ground))
        if faults or entry.question.status is Status.retired:
            return found
        if proven is not None:
            return found + list(proven)
        return found + _proved(entry, Guarded(sandbox, stopped), fields, on_progress)


def _proved(entry: Entry, sandbox: Guarded, fields: _Fields, on_progress: Callable[[Progress], None]) -> list[Told]:
    for proof in proofs(entry, sandbox, MUTANT_WORKERS):
        sources = _sources(entry.question, proof.step)
        total = min(len(sources), CAP) if proof.step == "mutants" else max(1, len(sources))

        def heard(seen: int, step: Step = proof.step, total: int = total) -> None:
            on_progress(Progress(step, min(seen, total), total))

        heard(0)
        sandbox.count(sources, heard)
        if said := _tried(proof.step, fields, lambda: _placed(proof.run())):  # noqa: B023 (it is called at once)
            return said
    return []


def _placed(said: Iterable[Finding | NotChecked | Figures]) -> Iterator[Finding | NotChecked]:
    for it in said:
        if isinstance(it, Finding):
            yield placed(it)
        elif isinstance(it, NotChecked):
            yield it


def _sources(question: Question, step: Step) -> frozenset[str]:
    """The pieces of code by which a step's progress is told: how many have been run."""
    match question:
        case Code() if step == "mutants":
            return frozenset(mutant.source for mutant in mutants(question.reference))
        case Code():
            accepted, wrong = (it.code for it in question.accepted), (it.code for it in question.wrong)
            return frozenset((question.starter, question.reference, *accepted, *wrong))
        case _:
            return frozenset()


def _tried(step: Step, fields: _Fields, check: Callable[[], Iterable[Finding | NotChecked]]) -> list[Told]:
    """What a step says; where it can't be gone through, that."""
    told: list[Told] = []
    try:
        for it in islice(check(), MOST):  # one by one, so that what was said before the end is kept
            told += [fields.told(step, it) if isinstance(it, Finding) else fields.unproved(step, it.reason)]
    except SandboxError as error:
        told.append(fields.unproved(step, phrase("code is not run on this server: %(error)s", error=error)))
    except OutOfTime as error:
        told.append(
            fields.unproved(
                step, phrase("the checks took more than %(seconds)s seconds and were ended", seconds=error.seconds)
            )
        )
    except (RecursionError, MemoryError, OverflowError) as error:
        told.append(
            fields.unproved(
                step, phrase("the text is more than the checks can take (%(name)s)", name=type(error).__name__)
            )
        )
    return told


def _as_published(entry: Entry) -> Entry:
    """What a draft says is checked as learners will meet it; a retired question they will not meet."""
    if entry.question.status is Status.retired:
        return entry
    return replace(entry, question=entry.question.model_copy(update={"status": Status.published}))


def _at_id(message: Phrase, mend: Phrase) -> Finding:
    return Finding(Path(), 1, 1, NOTHING, message, mend)


def _name_faults(entry: Entry, question_id: str, bank: Bank) -> Iterator[Finding]:
    """An id belongs to one question for good: learners' memories hang on it."""
    named = entry.question.id
    if named == question_id:
        return
    if named in bank.questions:
        topic = bank.questions[named].topic.id
        yield _at_id(
            phrase("the id '%(named)s' is taken by a question of '%(topic)s'", named=named, topic=topic),
            phrase("give this one another id"),
        )
    elif question_id in bank.questions:
        mend = phrase("write 'id: %(question_id)s', or make a new question", question_id=question_id)
        yield _at_id(
            phrase("the id of '%(question_id)s' can't be changed to '%(named)s'", question_id=question_id, named=named),
            mend,
        )


def _of_the_bank(entry: Entry, ground: Ground) -> Iterator[Finding]:
    """The glossary's words, what the form gives away, and what the bank lacks with the text in its place.

    What was so before the change is not this question's doing and is not told.
    """
    bank, questions_dir = ground.bank, ground.questions_dir
    after = bank.with_changes({entry.question.id: entry})
    before = bank.questions.get(entry.question.id)
    topics = {it.topic.id for it in (before, entry) if it is not None}
    glossary, _ = load_glossary(questions_dir)
    yield from map(placed, wording_findings([entry], glossary))
    yield from map(placed, form_findings([entry], []))

    def lacks(of: Bank) -> list[Finding]:
        return [*gaps(of, questions_dir, topics), *english_findings(of, glossary, questions_dir, topics)]

    def given_away(of: Bank) -> list[Finding]:
        own = of.questions.get(entry.question.id)
        alone = [] if own is None else list(form_findings([own], []))
        return [] if own is None else [it for it in form_findings([own], forms(of)) if it not in alone]

    known = Counter(it.message for it in lacks(bank))
    for it in lacks(after):
        if known[it.message]:
            known[it.message] -= 1
        else:
            yield _at_id(phrase("without what this question asked: %(message)s", message=it.message), it.mend)
    if isinstance(entry.question, ChoiceBase) and (grown := given_away(after)):
        were = len(given_away(bank.with_changes({entry.question.id: before}))) if before else 0
        yield from map(placed, grown[were:])


class _Fields:
    """The text's top-level fields, by the line that each begins at."""

    def __init__(self, text: str) -> None:
        lines = enumerate(text.split("\n"), start=1)
        self._begins = [(number, found[1]) for number, line in lines if (found := _FIELD.match(line))]

    def at(self, line: int) -> str:
        return next((name for number, name in reversed(self._begins) if number <= line), "")

    def told(self, step: Step, it: Finding) -> Told:
        return Told(
            step,
            "fault",
            self.at(it.line),
            it.line,
            it.column,
            it.where,
            it.message.within(LONGEST),
            it.mend.within(LONGEST),
        )

    def unproved(self, step: Step, reason: Phrase) -> Told:
        """Why a step could not be gone through. A numeric question may do without an oracle."""
        if reason.msgid == NO_ORACLE:
            mend = phrase("add an 'oracle' that computes the answer another way")
            return Told(
                step, "note", "answer", self._line_of("answer"), 1, NOTHING, phrase("no oracle proves the answer"), mend
            )
        mend = phrase("have it checked where it can be, then publish it there")
        return Told(step, "not_checked", "", 1, 1, NOTHING, reason, mend)

    def _line_of(self, field: str) -> int:
        return next((number for number, name in self._begins if name == field), 1)
