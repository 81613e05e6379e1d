"""Faults that reading a question shows: found where they are, and none in a sound question."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.bank.checks import static_findings
from app.bank.findings import Finding
from app.bank.loader import load_bank


def findings_of(folder: Path) -> list[Finding]:
    bank, findings = load_bank(folder, None)
    assert findings == []
    return [finding for entry in bank.questions.values() for finding in static_findings(entry)]


def test_sound_questions_have_no_faults(folder: Path) -> None:
    assert findings_of(folder) == []


PROMPT = '"What does $k$ mean?", zh: "$k$ 是什么意思？"'
ANSWER = '"SECRET kernel size", zh: "SECRET 核大小"'
PLANTED = {  # what is written, what is written instead, and what is said of it at which place
    "bad LaTeX": (
        PROMPT,
        r"'${\frac{k}$?', zh: '${\frac{k}$？'",
        [("}$?'", "bad LaTeX: Expected argument but reached end of input; mend"), ("}$？'", "bad LaTeX")],
    ),
    "another formula": (ANSWER, '"the $k$", zh: "$s$"', [("en:", "the formula $s$"), ("zh:", "the formula $k$")]),
    "open dollar": (ANSWER, '"costs $5", zh: "五元"', [("$5", "a '$' that opens no formula; close it, or write \\$")]),
    "stars": (ANSWER, '"k", zh: "即**“核”**大小"', [("**“核", "'**' that makes nothing bold")]),
    "untranslated": (
        ANSWER,
        '"the size of its kernel", zh: "the size of its kernel"',
        [("zh:", "the Chinese text is the English one; write it in Chinese")],
    ),
    "nothing is drawn": (
        ANSWER,
        '"a @{k}", zh: "@{k}"',
        [
            ('@{k}", zh', "a placeholder @{…} in a question that draws nothing; only numeric"),
            ('@{k}"}', "a placeholder"),
        ],
    ),
    "unknown name": (
        "stride @{s}: how",
        "stride @{q}: how",
        [("q}: how", "unknown name 'q' in 'q'; known here: m, n, s"), ("zh:", "placeholders differ from 'en': q, s")],
    ),
    "where knows params": ("where: n", "where: m", [("m % s", "unknown name 'm' in 'm % s == 0'; 'where' knows")]),
    "no draw": ("where: n % s == 0", "where: n > 100", [("where:", "'where' held for none of 1000 draws: n > 100")]),
    "no value": ("n // s}", "n // (s - 2)}", [("answer:", "seed 1 has no value: division by zero; exclude such")]),
    "name taken": ("{m: n // s}", "{n: n // s, m: n}", [("n: n //", "the name 'n' is taken; give it another name")]),
    "no expression": (
        "answer: m * 1000003",
        "answer: m * (1000003",
        [("(1000003", "'m * (1000003': '(' was never closed; mend the expression")],
    ),
    "no number": ("answer: m * 1000003", "answer: m > 3", [("answer:", "the answer for seed 0 is True, not a number")]),
    "no mistake": ("{answer: m,", "{answer: m * 1000003 + 0,", [("answer: m", "'m * 1000003 + 0' is the right value")]),
    "no format": (
        "SECRET slip @{m}",
        "SECRET slip @{m:.2q}",
        [("@{m:.2q}", "placeholder: '.2q' is not a format"), ("zh:", "placeholders differ from 'en': m")],
    ),
    "bare exponent": (
        'slip @{m}", zh: "SECRET 失误 @{m}"',
        'slip $2^@{m}$", zh: "SECRET 失误 $2^@{m}$"',
        [('^@{m}$", zh', "a placeholder right after ^ or _; write ^{@{n}}"), ('^@{m}$"}', "a placeholder right")],
    ),
    "percent in a formula": (
        'rows at stride @{s}", zh: "行（步幅 @{s}）"',
        '$@{s:.1%}$", zh: "$@{s:.1%}$"',
        [("en:", "bad LaTeX once filled: % begins a comment"), ("zh:", "bad LaTeX once filled")],
    ),
    "oracle": ("oracle(n, s)", "oracle(n)", [("def oracle", "'oracle' takes (n); write 'def oracle(n, s):'")]),
    "syntax": ("2 * x  # SECRET", "2 * (x", [("(x", "does not compile: '(' was never closed; mend the Python code")]),
    "not defined": (
        "starter: |\n    def double",
        "starter: |\n    def doubles",
        [("starter:", "'double' is not defined at the top level; did you mean 'doubles'?")],
    ),
    "case without title": ('"empty", "args"', '"emtpy", "args"', [('"emtpy"', "case 'emtpy' has no title; add it")]),
    "cases without title": ('f"random-{i}"', 'f"drawn-{i}"', [('f"drawn', "case 'drawn-0' has no title")]),
    "cases without rng": ("cases(rng)", "cases()", [("def cases", "'cases' takes (); write 'def cases(rng):'")]),
    "signature": ('"double(x: (n,)', '"dbl(x: (n,)', [("signature:", "the signature is not that of 'double'")]),
    "names of solutions": (
        "  wrong:\n",
        "  accepted: [{name: identity, code: 'double = lambda x: 2 * x'}]\n  wrong:\n",
        [("name: identity, code", "the name 'identity' is taken")],
    ),
    "ties beyond the arguments": (
        "contract: {rtol: 1e-6}",
        "contract: {dtype: int, ties: {argument: 1}}",
        [("argument: 1", "'double' has no positional argument 1; count from 0: 0 is x")],
    ),
    "a forbidden call that is out of reach": (
        "contract: {rtol: 1e-6}",
        "forbidden_calls: [np.linalg.svd, functools.reduce, builtins.sum, numpy.sum]",
        [("np.linalg.svd", "'np.linalg.svd' can't be imported here anyway; write the full name")],
    ),
    "blank in a formula": (
        "BN takes **[[axes]]**",
        "BN takes $[[axes]]$",
        [
            ("[[axes]]$", "the blank [[axes]] stands inside a formula; end the formula"),
            ("zh:", "the formula $[[axes]]$"),
        ],
    ),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found_in_its_place(folder: Path, fault: str) -> None:
    old, new, expected = PLANTED[fault]
    path = folder / "cnn" / "pooling.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    rows = text.replace(old, new).split("\n")
    found = [(rows[it.line - 1][it.column - 1 :], f"{it.message}; {it.mend}") for it in findings_of(folder)]
    assert len(found) == len(expected), found
    for (place, said), (due_place, due) in zip(found, expected, strict=True):
        assert place.startswith(due_place)
        assert due in said


def test_the_place_in_a_block_text_is_that_of_the_fault(folder: Path) -> None:
    path = folder / "cnn" / "pooling.yaml"
    text = path.read_text(encoding="utf-8")
    block = "\n    en: |\n      One $x$.\n\n      Two $x$ and $\\foo$.\n    zh: >-\n      一 $x$\n      二 $\\foo$。\n"
    path.write_text(text.replace(f" {{en: {ANSWER}}}", block), encoding="utf-8")
    assert [(it.line, it.column, it.message) for it in findings_of(folder)] == [
        (14, 20, 'bad LaTeX: Unknown command "\\foo"'),
        (17, 10, 'bad LaTeX: Unknown command "\\foo"'),
    ]
