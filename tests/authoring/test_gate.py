"""The gate of one question: a sound text passes, each step's fault is found and placed in the text's own lines."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import yaml
from bench import CARDS, CODE, NUMERIC, TOPICS, Block, both
from chinese import assert_chinese

from app.authoring.gate import STEPS, Asked, Ground, Progress, Told, run
from app.authoring.guarded import Stopped
from app.bank.loader import load_bank
from app.sandbox import Call, Job, Library, Run, Sandbox, SandboxError

CHOICE: dict[str, Any] = {
    "id": "which",
    "kind": "single-choice",
    "difficulty": 1,
    "minutes": 1,
    "prompt": both("Which?"),
    "sources": ["A book, 2001"],
    "options": [
        {"text": both(text), "why": both("So it is."), "correct": text == "Two"}
        for text in ("One", "Two", "Six", "Ten")
    ],
    "explanation": both("So."),
}


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """The bench's bank with one question more."""
    folder = tmp_path / "questions"
    (folder / "sums").mkdir(parents=True)
    (folder / "topics.yaml").write_text(yaml.safe_dump(TOPICS))
    (folder / "glossary.yaml").write_text("- {en: mean square, zh: 均方, avoid: [平方均]}\n", encoding="utf-8")
    questions = {"topic": "doubling", "questions": [CODE, NUMERIC, *CARDS, CHOICE]}
    (folder / "sums" / "doubling.yaml").write_text(yaml.safe_dump(questions, sort_keys=False))
    bank, findings = load_bank(folder, None)
    assert findings == []
    return Ground(bank, folder)


def text_of(question: dict[str, Any]) -> str:
    return str(yaml.safe_dump(question, sort_keys=False, allow_unicode=True))


def gate(
    ground: Ground, sandbox: Any, question: dict[str, Any] | str, question_id: str = "", **options: Any
) -> list[Told]:
    text = question if isinstance(question, str) else text_of(question)
    asked = Asked(question_id or str(yaml.safe_load(text)["id"]), ground.bank.topics["doubling"], text)
    return run(
        asked, ground, sandbox, options.pop("on_progress", lambda _: None), options.pop("stopped", Event()), **options
    )


@pytest.mark.parametrize("question", [CODE, NUMERIC, CARDS[0], CHOICE], ids=lambda it: it["kind"])
def test_sound_text_passes(ground: Ground, sandbox: Sandbox, question: dict[str, Any]) -> None:
    assert gate(ground, sandbox, question) == []


WITHOUT_ZERO = CODE["cases"].replace("'zero', 'args': [0]", "'zero', 'args': [2]")
Edit = Callable[[dict[str, Any]], None]


def put(*path: Any, value: Any) -> Edit:
    def edit(question: dict[str, Any]) -> None:
        at: Any = question
        for part in path[:-1]:
            at = at[part]
        at[path[-1]] = value

    return edit


BROKEN = "def double(x):\n    return 1 / 0\n"
FIVE_AND_SIX = {"en": "It is 5.", "zh": "是 6。"}
LONG = {"en": "Two, " * 9, "zh": "两个" * 9}
# step, question, what is broken in it, and then: the field, a part of the line, and of the message that tell of it
FAULTS: list[tuple[str, dict[str, Any], Edit, str, str, str]] = [
    ("schema", CARDS[0], put("difficulty", value="hard"), "difficulty", "difficulty:", "not a whole number"),
    ("schema", CARDS[0], put("covers", value=["f9"]), "covers", "- f9", "unknown fact 'f9'"),
    ("schema", CARDS[0], put("errata", value=["e999"]), "errata", "- e999", "unknown erratum"),
    ("texts", CARDS[0], put("answer", value=FIVE_AND_SIX), "answer", "zh:", "the number 5 stands"),
    ("texts", CARDS[0], put("answer", value=both("$\\frac{1$ it.")), "answer", "en:", "bad LaTeX"),
    ("bank", CARDS[0], put("answer", value={"en": "By square.", "zh": "平方均。"}), "answer", "zh:", "is not our word"),
    ("bank", CHOICE, put("options", 1, "text", value=LONG), "options", "en:", "its length gives it away"),
    ("bank", CHOICE, put("options", value=CHOICE["options"][:3]), "options", "options:", "3 options"),
    ("oracle", NUMERIC, put("answer", value="2 * n + 1"), "oracle", "code:", "the oracle gives"),
    ("solutions", CODE, put("reference", value=BROKEN), "reference", "reference:", "ended with"),
    ("solutions", CODE, put("starter", value=CODE["reference"]), "starter", "starter:", "passes every case"),
    ("solutions", CODE, put("wrong", 1, "verdict", value="runtime_error"), "wrong", "verdict:", "must get runtime"),
    ("mutants", CODE, put("cases", value=WITHOUT_ZERO), "reference", "if x < 0", "mutant"),
]


@pytest.mark.parametrize(
    ("step", "question", "edit", "field", "line", "message"),
    FAULTS,
    ids=lambda it: it[:20] if isinstance(it, str) else "",
)
def test_fault_of_each_step_is_told_at_its_line_and_field(
    ground: Ground,
    sandbox: Sandbox,
    step: str,
    question: dict[str, Any],
    edit: Edit,
    field: str,
    line: str,
    message: str,
) -> None:
    broken = copy.deepcopy(question)
    edit(broken)
    for name in ("reference", "starter", "cases"):
        if name in broken:
            broken[name] = Block(broken[name])
    told = gate(ground, sandbox, broken)
    assert told
    assert all(it.step == step and it.kind == "fault" and it.mend for it in told)
    for it in told:
        assert_chinese(it.message)
        assert_chinese(it.mend)
    found = next(it for it in told if message in it.message)
    assert found.field == field
    assert line in text_of(broken).split("\n")[found.line - 1]


def test_only_faults_of_the_schema_cannot_be_waived(ground: Ground, sandbox: Sandbox) -> None:
    (schema,) = gate(ground, sandbox, CARDS[0] | {"difficulty": "hard"})
    (wording,) = gate(ground, sandbox, CHOICE | {"options": CHOICE["options"][:3]})
    assert (schema.can_be_waived, wording.can_be_waived) == (False, True)


def test_draft_is_checked_as_it_would_be_published(ground: Ground, sandbox: Sandbox) -> None:
    (found,) = gate(ground, sandbox, NUMERIC | {"status": "draft", "answer": "2 * n + 1"})
    assert found.step == "oracle"


def test_retiring_tells_the_facts_that_nothing_asks_any_more(ground: Ground, sandbox: Sandbox) -> None:
    told = gate(ground, sandbox, NUMERIC | {"status": "retired"})
    assert [it.message for it in told] == ["without what this question asked: no published question asks doubling/f2"]
    assert gate(ground, sandbox, CARDS[0] | {"status": "retired"}) == []


def test_gap_that_was_there_before_is_not_told(ground: Ground, sandbox: Sandbox) -> None:
    bare = Ground(ground.bank.with_changes({"twice": None}), ground.questions_dir)
    assert gate(bare, sandbox, CARDS[0]) == []


def test_id_of_another_question_is_refused(ground: Ground, sandbox: Sandbox) -> None:
    (taken,) = gate(ground, sandbox, CARDS[0] | {"id": "twice"}, "card-1")
    assert taken.message == "the id 'twice' is taken by a question of 'doubling'"
    (renamed,) = gate(ground, sandbox, CARDS[0] | {"id": "fresh"}, "card-1")
    assert "can't be changed" in renamed.message


def test_progress_names_each_step_and_counts_to_its_end(ground: Ground, sandbox: Sandbox) -> None:
    heard: list[Progress] = []
    gate(ground, sandbox, CODE, on_progress=heard.append)
    assert list(dict.fromkeys(it.step for it in heard)) == [step for step in STEPS if step != "oracle"]
    for step in ("solutions", "mutants"):
        counted = [(it.done, it.total) for it in heard if it.step == step]
        assert counted[0][0] == 0
        assert counted[-1][0] == counted[-1][1] > 1
        assert counted == sorted(counted)


def test_what_was_proved_before_is_not_run_again(ground: Ground) -> None:
    assert gate(ground, Refusing(), CODE, proven=()) == []


def test_stopping_ends_the_run_at_the_next_job(ground: Ground, sandbox: Sandbox) -> None:
    stopped = Event()

    def stop(progress: Progress) -> None:
        if progress.step == "mutants":
            stopped.set()

    with pytest.raises(Stopped):
        gate(ground, sandbox, CODE, on_progress=stop, stopped=stopped)


def test_where_no_code_is_run_the_proofs_are_told_as_not_checked(ground: Ground) -> None:
    for question, step in ((CODE, "solutions"), (NUMERIC, "oracle")):
        (told,) = gate(ground, Refusing(), question)
        assert (told.step, told.kind, told.can_be_waived) == (step, "not_checked", False)
        assert "the walls do not stand" in told.message
    assert gate(ground, Refusing(), CARDS[0]) == []


def test_numeric_question_without_an_oracle_is_noted_only(ground: Ground, sandbox: Sandbox) -> None:
    (note,) = gate(ground, sandbox, {name: value for name, value in NUMERIC.items() if name != "oracle"})
    assert (note.kind, note.field) == ("note", "answer")


class Refusing:
    """A sandbox whose walls do not stand."""

    def available(self, _library: Library) -> bool:
        return True

    def run(self, _job: Job, _on_call: Callable[[int, Call], None] | None = None, _cancelled: Any = None) -> Run:
        raise SandboxError("the walls do not stand")
