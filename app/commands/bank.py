"""`whetstone check`, `questions`, `show`, `grade`, `schema`: the bank, without a server."""

from __future__ import annotations

import argparse
import itertools
import json
import math
import re
from html import escape, unescape
from pathlib import Path
from textwrap import indent
from typing import cast

from app.bank.catalog import Bank, Entry
from app.bank.json_schema import json_schema
from app.bank.loader import load_bank
from app.bank.markup import to_text
from app.bank.mathml import words_of
from app.bank.present import Presented, Revealed, present, reveal
from app.bank.schema import Code, Lang
from app.commands import BROKEN, FAILED, OK
from app.grading.code import grade_file
from app.grading.verdict import Report, Verdict
from app.sandbox import Sandbox, SandboxError
from app.settings import SettingsError, from_env

_MATH = re.compile(r"<math.*?</math>", re.DOTALL)
_ORDERED = re.compile(r"<ol[ >].*?</ol>", re.DOTALL)
_LONGEST_READ = 1 << 20  # bytes of a file; far more than is accepted


def questions(options: argparse.Namespace) -> int:
    """One row a question."""
    rows = [
        {
            "id": entry.question.id,
            "topic": entry.topic.id,
            "kind": entry.question.kind,
            "difficulty": entry.question.difficulty,
            "minutes": entry.question.minutes,
            "languages": ["en", "zh"],
            "status": entry.question.status.value,
        }
        for entry in _bank().questions.values()
    ]
    if options.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return OK
    for row in rows:
        print("\t".join(",".join(map(str, cell)) if isinstance(cell, list) else str(cell) for cell in row.values()))
    return OK


def show(options: argparse.Namespace) -> int:
    """A question as a learner sees it; with its answer if asked."""
    entry = _entry(options.id)
    lang = cast("Lang", options.lang)
    shown = present(entry, lang, options.seed)
    answer = reveal(entry, lang, options.seed) if options.answer else None
    if options.json:
        body = shown.model_dump(mode="json") | ({"answer": answer.model_dump(mode="json")} if answer else {})
        print(json.dumps(body, ensure_ascii=False, indent=1))
    else:
        print("\n".join(_plain(shown, answer)))
    return OK


def grade(options: argparse.Namespace) -> int:
    """Grade files in order on one warm pool."""
    entry = _entry(options.id)
    question = entry.question
    if not isinstance(question, Code):
        raise SettingsError(f"{options.id} is a {question.kind} question; only code is graded from files")
    sources = [(name, _bytes_of(name)) for name in options.files]
    verdicts = []
    try:
        with Sandbox(libs=(question.lib,)) as sandbox:
            for name, data in sources:
                report = grade_file(question, data, sandbox=sandbox, seed=options.seed)
                verdicts.append(report.verdict)
                shown = report.shown(math.inf if options.reveal else 0)
                _print_report(name, shown, cast("Lang", options.lang), options.json)
    except SandboxError as error:
        raise SettingsError(f"code can't be graded here: {error}") from None
    if Verdict.internal_error in verdicts:
        return BROKEN
    return OK if all(verdict is Verdict.accepted for verdict in verdicts) else FAILED


def schema(_options: argparse.Namespace) -> int:
    """The JSON Schema of a topic file."""
    print(json.dumps(json_schema(), ensure_ascii=False, indent=1))
    return OK


def _bank() -> Bank:
    settings = from_env()
    return load_bank(settings.questions_dir, settings.data_dir / "cache")[0]


def _entry(question_id: str) -> Entry:
    try:
        return _bank().questions[question_id]
    except KeyError:
        raise SettingsError(f"there is no question named {question_id}; whetstone questions lists them") from None


def _bytes_of(name: str) -> bytes:
    try:
        with Path(name).open("rb") as file:
            return file.read(_LONGEST_READ)
    except OSError as error:
        raise SettingsError(f"{name}: {error.strerror}") from None


def _print_report(name: str, report: Report, lang: Lang, as_json: bool) -> None:
    body = report.as_json(lang)
    if as_json:
        head = {"question": report.question, "file": name}
        print(json.dumps(head | body, ensure_ascii=False), flush=True)
        return
    print(f"{name}: {report.verdict} {report.score:.0%} in {report.wall_ms:.1f} ms {report.message.in_(lang)}")
    if report.recognised:
        print(f"  {report.recognised.name}: {to_text(report.recognised.note.in_(lang))}")
    for case in report.cases:
        title = case.title.in_(lang) if case.title else case.name
        print(f"  {case.verdict:<14} {case.wall_ms:8.2f} ms  {title}  {case.message.in_(lang)}")
        if case.diff:
            print(indent(f"{case.args_preview}\n\n{case.diff}", " " * 8))


def _plain(shown: Presented, answer: Revealed | None) -> list[str]:
    """The question as lines of text."""
    lines = [
        f"{shown.id}  [{shown.kind}, difficulty {shown.difficulty}, {shown.minutes:g} min]  {shown.topic_title}",
        "",
    ]
    lines.append(_text(shown.prompt_html))
    lines += [f"[{shown.figure.alt}]"] if shown.figure else []
    lines += [f"  {it.key}. {_text(it.html)}" for it in (*shown.options, *shown.items, *shown.lefts, *shown.rights)]
    if shown.code:
        lines += ["", shown.code.signature]
        lines += [f"Not allowed: {', '.join(shown.code.forbidden_calls)}"] if shown.code.forbidden_calls else []
        lines += ["", shown.code.starter]
    if answer:
        lines.append("")
        lines += [_text(html) for html in (answer.answer_html, answer.explanation_html) if html]
        lines += [f"[{answer.figure.alt}]"] if answer.figure else []
        lines += [f"  {it.key}. {'right' if it.correct else 'wrong'}: {_text(it.why_html)}" for it in answer.options]
        lines += [f"  {it.key}. {_text(it.why_html)}" for it in answer.order]
        lines += [f"  {it.left}-{it.right}. {_text(it.why_html)}" for it in answer.pairs]
        lines += [f"  {it.name}: {' | '.join(it.accepted)}" for it in answer.blanks]
        lines += [answer.reference] if answer.reference else []
        lines += [f"Complexity: {_text(answer.complexity_html)}"] if answer.complexity_html else []
        lines += [f"  {_text(it.ask_html)} {_text(it.answer_html)}" for it in answer.follow_ups]
        lines += ["", *(f"Source: {source}" for source in answer.sources)]
    return lines


def _numbered(items: re.Match[str]) -> str:
    count = itertools.count(1)
    return re.sub("<li>", lambda _: f"{next(count)}. ", items[0])


def _text(html: str) -> str:
    """Our own HTML for a terminal: tags gone, formulas on one line, and nothing that could steer it."""
    html = _MATH.sub(lambda formula: escape(words_of(formula[0])), html)
    html = _ORDERED.sub(_numbered, html).replace("<li>", "- ")
    html = re.sub(r"</t[dh]>\s*(?=<t[dh])", " | ", html)
    html = re.sub(r"(<li>|- |\d\. )\s*<p>", r"\1", re.sub(r"\s*</?(?:table|thead|tbody|tr)>\s*", "\n", html))
    text = unescape(re.sub(r"<[^>]*>", "", html))
    text = re.sub(r"\n\s*\n\s*\n+", "\n\n", text)
    return "".join(character for character in text if character.isprintable() or character == "\n").strip()
