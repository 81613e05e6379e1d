"""`whetstone check`: the bank's gate, for authors and for the checks."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from app.authoring.check import Progress, Result
from app.authoring.check import check as run
from app.authoring.form import HEADING
from app.authoring.mutant_gate import totals
from app.commands import BROKEN, FAILED, OK
from app.sandbox import Sandbox, SandboxError
from app.settings import from_env


def check(options: argparse.Namespace) -> int:
    """Print every finding as file:line:column, or one JSON object; exit 1 if there is any."""
    settings = from_env()
    talkative = sys.stderr.isatty() and not options.json
    try:
        with Sandbox(spares=2) as sandbox:
            result = run(
                [Path(path).resolve() for path in options.paths],
                settings.questions_dir,
                sandbox,
                settings.data_dir / "cache",
                fresh=options.fresh,
                only_mutants=options.mutants,
                on_progress=_say if talkative else None,
            )
    except SandboxError as error:
        print(f"whetstone: questions can't be put to the proof here: {error}", file=sys.stderr)
        return BROKEN
    if options.json:
        print(json.dumps(result.as_json(), ensure_ascii=False, indent=1))
    else:
        _print(result, whole=not (options.paths or options.mutants))
    return OK if result.passed else FAILED


def _say(progress: Progress) -> None:
    print(f"\r\x1b[K{progress.done}/{progress.total} {progress.question}", end="", file=sys.stderr, flush=True)
    if progress.done == progress.total:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _print(result: Result, *, whole: bool) -> None:
    """`whole` prints the figures of form too, which few files say nothing about."""
    here = Path.cwd()
    for finding in result.findings:
        text = str(finding)
        print(text.removeprefix(f"{here}/"))
    for question in result.not_checked:
        print(question)
    for figures in result.mutants:
        print(figures)
    if result.mutants:
        print(totals(result.mutants))
    if whole:
        print(HEADING, *result.form, sep="\n")
    print(result.coverage)
    print(
        f"{result.questions} questions: {result.checked} put to the proof now, {result.kept} before and unchanged, "
        f"{len(result.not_checked)} could not be; {len(result.findings)} findings"
    )
