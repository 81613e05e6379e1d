"""The two sides of an Anki card, from what the product itself shows before and after answering.

Anki has no choices, no sandbox and no rubric: everything is put to the learner as reading, the reasons on the back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from app.bank.present import Presented, Revealed
from app.bank.schema import Kind, Lang, Tolerance
from app.bank.shown import Drawn


@dataclass(frozen=True)
class _Words:
    """The few words that the cards add, in one language."""

    asks: dict[Kind, str]
    tolerance: str
    starter: str
    why: str
    rubric: str
    follow_ups: str
    complexity: str
    sources: str
    erratum: str


WORDS: dict[Lang, _Words] = {
    "en": _Words(
        asks={
            "single-choice": "One is right.",
            "multi-choice": "Any number may be right.",
            "ordering": "Put these in order.",
            "matching": "Match left and right.",
            "open": "Answer aloud, then turn the card.",
            "code": "Write the function.",
        },
        tolerance="accepted within",
        starter="Start",
        why="Why",
        rubric="A full answer",
        follow_ups="Follow-up questions",
        complexity="Complexity",
        sources="Sources",
        erratum="Common notes get this wrong",
    ),
    "zh": _Words(
        asks={
            "single-choice": "单选。",
            "multi-choice": "可多选。",
            "ordering": "请排出正确顺序。",
            "matching": "请左右配对。",
            "open": "先口头作答，再翻面。",
            "code": "请写出这个函数。",
        },
        tolerance="允许误差",
        starter="起始代码",
        why="解析",
        rubric="完整回答应包含",
        follow_ups="追问",
        complexity="复杂度",
        sources="出处",
        erratum="常见笔记中的错误",
    ),
}


def front_html(question: Presented) -> str:
    """The question's side."""
    words = WORDS[question.lang]
    parts = [_blanked(question) if question.segments else question.prompt_html]
    parts.append(_told(question.figure))
    if ask := words.asks.get(question.kind):
        parts.append(f'<p class="ask">{ask}</p>')
    parts.append(_keyed((it.key, it.html) for it in (*question.options, *question.items)))
    parts.append(_keyed((it.key, it.html) for it in question.lefts))
    parts.append(_keyed((it.key, it.html) for it in question.rights))
    if question.tolerance or question.unit_html:
        parts.append(_measure(question.unit_html, question.tolerance, words))
    if question.code:
        parts.append(f"<p><code>{escape(question.code.signature)}</code></p>")
        parts.append(_titled(words.starter, _code(question.code.starter)))
    return "\n".join(filter(None, parts))


def back_html(question: Presented, answer: Revealed) -> str:
    """The answer's side: the answer first, then the reasons, then where it comes from."""
    words = WORDS[question.lang]
    right = [option for option in answer.options if option.correct]
    parts = [
        answer.answer_html or "",
        _told(answer.figure),
        f'<p class="right">{", ".join(option.key for option in right)}</p>' if right else "",
        f'<p class="right">{" → ".join(item.key for item in answer.order)}</p>' if answer.order else "",
        _filled(question, answer) if answer.blanks else "",
        _code(answer.reference) if answer.reference else "",
        _keyed((f"{'✓' if it.correct else '✗'} {it.key}", it.html + it.why_html) for it in answer.options),
        _keyed((it.key, it.html + it.why_html) for it in answer.order),
        _keyed((f"{it.left} – {it.right}", it.why_html) for it in answer.pairs),
        _keyed((escape(" / ".join(it.accepted)), it.why_html) for it in answer.blanks),
        _titled(words.rubric, _bullets(it.html for it in answer.rubric)),
        _titled(words.why, answer.explanation_html),
        _titled(words.complexity, answer.complexity_html),
        _titled(words.follow_ups, _keyed(("?", it.ask_html + it.answer_html) for it in answer.follow_ups)),
        _titled(words.erratum, answer.erratum_html),
        _titled(words.sources, _bullets(escape(source) for source in answer.sources)),
    ]
    return "\n".join(filter(None, parts))


def _blanked(question: Presented) -> str:
    return "".join(
        it.html if it.html is not None else '<span class="blank">＿＿＿＿</span>' for it in question.segments
    )


def _told(figure: Drawn | None) -> str:
    """A figure in words: a deck has no style sheet of ours to draw it with."""
    return f'<p class="figure">{escape(figure.alt)}</p>' if figure else ""


def _filled(question: Presented, answer: Revealed) -> str:
    shown = {blank.name: blank.accepted[0] for blank in answer.blanks}
    return "".join(
        it.html if it.html is not None else f'<span class="blank">{escape(shown[str(it.blank)])}</span>'
        for it in question.segments
    )


def _measure(unit_html: str | None, tolerance: Tolerance | None, words: _Words) -> str:
    """The unit that is asked for and how near is near enough, if less than exact."""
    margins = [f"{tolerance.abs:g}"] if tolerance and tolerance.abs else []
    margins += [f"{tolerance.rel * 100:g} %"] if tolerance and tolerance.rel else []
    within = f'<p class="ask">{words.tolerance} ±{" + ".join(margins)}</p>' if margins else ""
    return (unit_html or "") + within


def _keyed(rows: Iterable[tuple[str, str]]) -> str:
    """A table of keys and what they stand for, empty without rows."""
    body = "".join(f'<tr><th scope="row">{key}</th><td>{html}</td></tr>' for key, html in rows)
    return f"<table>{body}</table>" if body else ""


def _bullets(items: Iterable[str]) -> str:
    body = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul>{body}</ul>" if body else ""


def _titled(title: str, html: str | None) -> str:
    return f"<h4>{title}</h4>{html}" if html else ""


def _code(source: str) -> str:
    return f"<pre><code>{escape(source.rstrip())}</code></pre>"
