"""Texts made to harm: each gets a finding and takes bounded work and memory, in this process and in the sandbox."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import yaml
from bench import CARDS, CODE, NUMERIC, TOPICS, both

from app.authoring import gate
from app.authoring.gate import Asked, Ground, Told
from app.authoring.guarded import DRAWING_HERE, Guarded, OutOfTime
from app.authoring.single import read_single, tidy
from app.bank import checks, checks_numeric
from app.bank.loader import load_bank
from app.bank.markup import to_html, to_text
from app.bank.yaml_source import MAX_BYTES, read
from app.sandbox import Job, Sandbox

MIB = 1 << 20


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    folder = tmp_path / "questions"
    (folder / "sums").mkdir(parents=True)
    (folder / "topics.yaml").write_text(yaml.safe_dump(TOPICS))
    questions = {"topic": "doubling", "questions": [CODE, NUMERIC, *CARDS]}
    (folder / "sums" / "doubling.yaml").write_text(yaml.safe_dump(questions, sort_keys=False))
    return Ground(load_bank(folder, None)[0], folder)


def resident() -> int:
    """Bytes of this process."""
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) * 1024


def told_of(ground: Ground, text: str) -> list[str]:
    """What reading says, asked in a thread, whose stack is as small as that of the server's."""
    said: list[str] = []

    def ask() -> None:
        findings = read_single(tidy(text), ground.bank.topics["doubling"], ground.bank).findings
        said.extend(it.message for it in findings)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return said


def card(text: str) -> str:
    """A flashcard that asks `text`."""
    return json.dumps(CARDS[0] | {"prompt": both(text)}, ensure_ascii=False)


def numeric(**fields: Any) -> str:
    return json.dumps(NUMERIC | fields)


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(12)
)
YAMLS = {
    "aliases that multiply": (BOMB, "an alias (*a)"),
    "merged keys": ("a: &a {x: 1}\n" + "".join(f"k{n}: {{<<: *a}}\n" for n in range(9000)), "an alias (*a)"),
    "flow sequences": ("x: " + "[" * 120_000 + "]" * 120_000 + "\n", "nested too deeply"),
    "flow mappings": ("x: " + "{a: " * 50_000 + "}" * 50_000 + "\n", "nested too deeply"),
    "unclosed": ("x: " + "[" * 250_000, "nested too deeply"),
    "dashes in a row": ("x:\n  " + "- " * 100_000 + "a\n", "nested too deeply"),
    "tags": ("id: !!python/object/apply:os.system [ls]\n", "the tag python/object/apply:os.system"),
    "unknown tags": ("".join(f"k{n}: !x y\n" for n in range(9000)), "the tag !x"),
    "NUL": ("id: \x00\n", "a character that YAML does not allow"),
    "control character": ("id: \x07\n", "a character that YAML does not allow"),
    "lone surrogate": ('id: "\\ud800"\n', ""),
    "endless number": ("minutes: " + "9" * 200_000 + "\n", "a number of 200000 digits"),
    "ten megabytes": ("id: " + "x" * 10_000_000 + "\n", "the text has 10000005 bytes"),
    "no question": ("- a\n- b\n", ""),
    "empty": ("", ""),
}


@pytest.mark.parametrize("name", YAMLS)
def test_hostile_yaml_is_told_of_and_leaves_memory_flat(ground: Ground, name: str) -> None:
    text, message = YAMLS[name]
    before = resident()
    said = told_of(ground, text)
    assert any(message in it for it in said), said[:3]
    assert resident() - before < 150 * MIB


def test_file_of_ten_megabytes_and_broken_utf_8_are_not_parsed() -> None:
    (size,) = read(b"x" * (MAX_BYTES + 1)).faults
    assert "bytes" in size.message
    (fault,) = read("id: 交".encode()[:-1]).faults
    assert (fault.message, fault.line, fault.column) == ("not UTF-8 text", 1, 5)


FIELDS = {
    "a line of a million characters": (card("x" * 100_000), "'prompt.en' is too long"),
    "unknown fields": (card("a")[:-1] + "".join(f', "k{n}": 1' for n in range(9000)) + "}", "unknown field 'k0'"),
    "covers": (json.dumps(CARDS[0] | {"covers": ["f9"] * 30_000}), "unknown fact 'f9'"),
    "a grid of a billion cells": (
        json.dumps(CARDS[0] | {"figure": {"alt": both("a"), "panels": [{"kind": "grid", "size": [40_000, 40_000]}]}}),
        "is too large",
    ),
    "panels": (
        json.dumps(CARDS[0] | {"figure": {"alt": both("a"), "panels": [{"kind": "grid", "size": [9, 9]}] * 3000}}),
        "'figure.panels' is too long",
    ),
    "a constraint that never holds": (numeric(where="n < 0"), "'where' held for none of 1000 draws"),
    "a constraint that works hard": (numeric(where="sum(i for i in range(9999)) < n"), "too much work"),
    "a power": (numeric(answer="2 ** 4000 ** 9"), "the power is too large"),
    "slices": (numeric(answer="len([range(9999)[0:9999] for i in range(9000)])"), "too much work"),
    "large binomials": (numeric(answer="sum(comb(4000, i) for i in range(4000)) * n"), "too much work"),
    "an answer beyond floats": (numeric(answer="2 ** 2000 + n"), "not a number"),
    "an endless range": (numeric(params={"n": {"range": [1, 10**200]}}), "a number of the range is too large"),
    "parameters": (numeric(params={f"p{n}": {"range": [1, 9]} for n in range(5000)}), "'params' is too long"),
    "placeholders": (numeric(solution=both("@{sum(i for i in range(999))}" * 270)), "too much work"),
    "brackets of Python": (json.dumps(CODE | {"reference": "double=" + "(" * 99_000}), "too many nested parentheses"),
    "a chain of Python": (json.dumps(CODE | {"reference": "double=a" + ".b" * 49_000}), "does not compile"),
    "signs of Python": (json.dumps(CODE | {"cases": "cases=" + "-" * 99_000 + "1"}), "does not compile"),
}  # fmt: skip


@pytest.mark.parametrize("name", FIELDS)
def test_hostile_field_is_told_of_and_leaves_memory_flat(ground: Ground, name: str) -> None:
    text, message = FIELDS[name]
    before = resident()
    said = told_of(ground, text)
    assert any(message in it for it in said), said[:3]
    assert len(said) <= 400
    assert resident() - before < 200 * MIB


MARKUP = {
    "brackets": "[" * 7900, "links": "[a](" * 1900, "blanks": "[[" * 3900, "stars": "*_" * 3900, "ticks": "`" * 7900,
    "quotes": ">" * 7900, "braces": "$" + "{" * 3900 + "}" * 3900 + "$",
    "fractions": "$" + "\\frac{1}{" * 790 + "1" + "}" * 790 + "$",
    "powers": "$" + "x^{" * 1900 + "1" + "}" * 1900 + "$",
    "fences": "$" + "\\left(" * 600 + "\\right)" * 600 + "$",
}  # fmt: skip


@pytest.mark.parametrize("name", MARKUP)
def test_markup_that_nests_for_ever_is_read_and_shown(ground: Ground, name: str) -> None:
    said = told_of(ground, card(MARKUP[name]))
    assert all(len(it) < 10_000 for it in said)
    assert "<script" not in to_html(MARKUP[name])
    to_text(MARKUP[name])


def test_ten_to_the_five_brackets_are_too_long(ground: Ground) -> None:
    (said,) = set(told_of(ground, card("[" * 50_000 + "]" * 50_000))) - {"'prompt.zh' is too long"}
    assert said == "'prompt.en' is too long"


def test_reading_ends_when_it_takes_too_long(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "LONGEST_S", -1)
    assert "reading the texts takes more than" in told_of(ground, card("a"))[0]


def test_expressions_of_one_question_share_their_bound(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks_numeric, "MAX_STEPS", 10)
    assert any("too much work" in it for it in told_of(ground, numeric()))


# --- code that runs in the sandbox


def gated(ground: Ground, sandbox: Sandbox, question: dict[str, Any]) -> list[Told]:
    asked = Asked(question["id"], ground.bank.topics["doubling"], yaml.safe_dump(question, sort_keys=False))
    return gate.run(asked, ground, sandbox, lambda _: None, Event())


def generator(body: str) -> str:
    return "def cases(rng):\n" + "".join(f"    {line}\n" for line in body.split("\n"))


CASES = {
    "fills memory": (generator("x = []\nwhile True:\n    x.append(bytearray(10**7))"), "memory_limit"),
    "forks": (generator("import os\nos.fork()"), "cases"),
    "reads files": (generator("open('/etc/passwd').read()"), "cases"),
    "opens a socket": (generator("import socket\nsocket.socket()"), "cases"),
    "prints megabytes": (generator("for _ in range(100):\n    print('x' * 10**6)"), "output_limit"),
    "gives megabytes": (generator("return [{'name': 'one', 'args': ['x' * 10**8]}]"), "output_limit"),
    "names a case without end": (generator("return [{'name': 'a' * 10**7, 'args': []}]"), "kebab-case"),
    "gives too many cases": (generator("return [{'name': f'a{i}', 'args': []} for i in range(300)]"), "1 to 200"),
    "recurses": (generator("return cases(rng)"), "RecursionError"),
}


@pytest.mark.parametrize("name", CASES)
def test_hostile_case_generator_is_stopped_and_told_of(ground: Ground, sandbox: Sandbox, name: str) -> None:
    cases, message = CASES[name]
    before = resident()
    said = gated(ground, sandbox, CODE | {"cases": cases})
    assert said
    assert all((it.step, it.field) == ("solutions", "cases") for it in said)
    assert message in said[0].message
    assert len(said[0].message) <= gate.LONGEST
    assert resident() - before < 250 * MIB


LOOP = "while True:\n        pass"


@pytest.mark.parametrize(
    ("question", "field"),
    [
        (CODE | {"reference": f"def double(x):\n    {LOOP}\n"}, "reference"),
        (CODE | {"cases": f"def cases(rng):\n    {LOOP}\n"}, "cases"),
        (NUMERIC | {"oracle": {"code": f"def oracle(n):\n    {LOOP}\n"}}, "oracle"),
    ],
    ids=["reference", "cases", "oracle"],
)
def test_endless_loop_is_ended_by_its_limit(
    ground: Ground, sandbox: Sandbox, question: dict[str, Any], field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = replace(DRAWING_HERE, cpu_s=0.5)
    monkeypatch.setattr("app.authoring.guarded.DRAWING_HERE", quick)
    monkeypatch.setattr("app.authoring.oracles.LIMITS", quick)
    (said,) = gated(ground, sandbox, question)
    assert said.field == field
    assert "time" in said.message


def test_oracle_that_gives_megabytes_makes_a_short_finding(ground: Ground, sandbox: Sandbox) -> None:
    (said,) = gated(ground, sandbox, NUMERIC | {"oracle": {"code": "def oracle(n):\n    return 'x' * 10**6\n"}})
    assert "the oracle gives 'xxx" in said.message
    assert len(said.message) < 300


def test_all_code_of_a_question_together_has_its_time(sandbox: Sandbox) -> None:
    guarded = Guarded(sandbox, Event(), longest_s=-1)
    with pytest.raises(OutOfTime):
        guarded.run(Job("def f():\n    return 1\n", "f", [()]))
