"""The examples of `questions/README.md` are sound questions: what an author copies from there passes the checks."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent, indent

import pytest

from app.bank.checks import static_findings
from app.bank.loader import load_bank
from app.bank.schema import KINDS
from app.settings import ROOT

README = (ROOT / "questions" / "README.md").read_text(encoding="utf-8")
BLOCKS = [dedent(block.strip("\n")) for block in re.findall(r"(?:^(?: {4}.*)?\n)+", README, re.MULTILINE)]
COMMON = next(block for block in BLOCKS if block.startswith("- id:"))
EXAMPLES = {block.split()[1]: block for block in BLOCKS if block.startswith("kind: ")}


def test_there_is_an_example_of_every_kind() -> None:
    assert {"multi-choice", *EXAMPLES} == set(KINDS)  # single- and multi-choice are written alike


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_a_kind_loads_and_has_no_fault(folder: Path, kind: str) -> None:
    example = EXAMPLES.get(kind) or EXAMPLES["single-choice"].replace("single-choice", kind)
    own = "".join(f"{line}\n" for line in COMMON.split("\n") if not re.match(r"  (kind|prompt):|\s*$", line))
    own = re.sub(r"e031", "e001", own).replace("[f1, nms/f2]", "[f1, conv/f1]")
    text = f"topic: pooling\nquestions:\n{own}{indent(example.replace('e031', 'e001'), '  ')}"
    (folder / "cnn" / "pooling.yaml").write_text(text, encoding="utf-8")
    bank, findings = load_bank(folder, None)
    assert [str(finding) for finding in findings] == []
    (entry,) = bank.questions.values()
    assert entry.question.kind == kind
    assert [str(finding) for finding in static_findings(entry)] == []
