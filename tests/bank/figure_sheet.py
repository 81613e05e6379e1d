"""A page of figures in both languages, to look at while drawing: the samples, or those of the questions in files.

make setup && .venv/bin/python tests/bank/figure_sheet.py sheet.html [questions/detection …]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

import yaml

from app.bank.figures import figure_html
from app.bank.loader import load_bank
from app.bank.schema import LANGS, Code, Figure
from app.settings import ROOT

SAMPLES = Path(__file__).parent / "figure-samples.yaml"


def samples() -> dict[str, Figure]:
    """A figure of every kind, by name."""
    read = yaml.safe_load(SAMPLES.read_text(encoding="utf-8"))
    return {name: Figure.model_validate_json(json.dumps(figure)) for name, figure in read.items()}


def figures_below(paths: list[Path]) -> Iterator[tuple[str, Figure]]:
    """Every figure of the questions in these files and folders."""
    bank, _ = load_bank(ROOT / "questions", None)
    for entry in bank.questions.values():
        question = entry.question
        if isinstance(question, Code) or not any(entry.path.is_relative_to(path.resolve()) for path in paths):
            continue
        for side, figure in (("question", question.figure), ("answer", question.answer_figure)):
            if figure is not None:
                yield f"{question.id} ({side})", figure


def page(figures: Iterator[tuple[str, Figure]]) -> str:
    """A whole page, with the product's own style sheet in it."""
    styles = "".join(
        (ROOT / "static" / "src" / "css" / name).read_text(encoding="utf-8")
        for name in ("tokens.css", "base.css", "controls.css", "pictures.css", "figures.css")
    )
    rows = "".join(
        f'<section id="{escape(name)}"><h2>{escape(name)}</h2>'
        + "".join(f'<div lang="{lang}">{figure_html(figure, lang)}</div>' for lang in LANGS)
        + "</section>"
        for name, figure in figures
    )
    look = "body{padding:16px} h2{font-size:1rem;margin-top:2rem} section>div{max-width:42rem;margin-top:1rem}"
    return f'<!doctype html><meta charset="utf-8"><title>Figures</title><style>{styles}{look}</style>{rows}'


if __name__ == "__main__":
    target, *given = map(Path, sys.argv[1:])
    target.write_text(page(figures_below(given) if given else iter(samples().items())), encoding="utf-8")
