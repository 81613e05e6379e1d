"""Markdown with `$…$` and `$$…$$` math to safe HTML and MathML, and to plain text.

The author's HTML is escaped, the renderer's output sanitised, and only then is the trusted MathML put in, at marks that
no text can forge. `[[name]]` (a cloze blank) and `@{…}` (filled before) pass through untouched.
"""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from math_core import LatexError, LatexToMathML
from mdit_py_plugins.dollarmath import dollarmath_plugin

_latex = LatexToMathML(fancy_error=False)
TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong", "table", "tbody", "td",
    "th", "thead", "tr", "ul",
}  # fmt: skip
MATH_TOKENS = ("math_inline", "math_inline_double", "math_block", "math_block_label")
LATEX_ERROR = re.compile(r"^(\d+): (.*)$", re.DOTALL)


@lru_cache(maxsize=16_384)
def to_html(markdown: str) -> str:
    """Safe HTML. Math that can't be rendered stays as its source, marked `math-error`."""
    mark = secrets.token_hex(8)  # unguessable, so that no text can stand where math goes
    formulas: list[str] = []
    env = {"mark": mark, "formulas": formulas}
    rendered = nh3.clean(
        _markdown().render(markdown, env),
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer",
    )
    for index, mathml in enumerate(formulas):
        rendered = rendered.replace(f"{mark}-{index}-", mathml)
    return rendered.strip()


@lru_cache(maxsize=16_384)
def to_text(markdown: str) -> str:
    """Plain text for titles, search and labels: marks gone, formulas as their LaTeX, white space folded."""
    words: list[str] = []
    for block in _markdown().parse(markdown):
        for token in block.children or [block]:
            if token.content and token.type in ("text", "code_inline", "fence", "code_block", *MATH_TOKENS):
                words.append(token.content)
            elif token.type in ("softbreak", "hardbreak", "paragraph_open", "list_item_open", "td_open", "th_open"):
                words.append(" ")
    return re.sub(r"\s+", " ", "".join(words)).strip()


def formulas(markdown: str) -> list[str]:
    """The LaTeX of every formula, in order."""
    found: list[str] = []
    for block in _markdown().parse(markdown):
        found += [token.content.strip() for token in block.children or [block] if token.type in MATH_TOKENS]
    return found


def math_errors(markdown: str) -> list[tuple[int, str]]:
    """(offset into `markdown`, what is wrong) of every formula that can't be rendered."""
    errors: list[tuple[int, str]] = []
    start = 0
    for latex in formulas(markdown):
        at = markdown.find(latex, start)
        start = at + len(latex) if at >= 0 else start
        try:
            _latex.convert_with_local_state(latex, displaystyle=False)
        except LatexError as error:
            found = LATEX_ERROR.match(str(error))
            offset, message = (int(found.group(1)), found.group(2)) if found else (0, str(error))
            errors.append((max(at, 0) + offset, message))
    return errors


def _math(
    self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, env: Mapping[str, object]
) -> str:
    """Keep the formula's MathML aside and leave a mark for it."""
    del self
    token = tokens[index]
    display = token.type != "math_inline"
    try:
        mathml = _latex.convert_with_local_state(token.content.strip(), displaystyle=display)
    except LatexError:
        mathml = f'<code class="math-error">{html.escape(token.content)}</code>'
    if display:
        mathml = f'<span class="math-display">{mathml}</span>'
    kept = env["formulas"]
    assert isinstance(kept, list)  # noqa: S101  (made by `to_html`)
    kept.append(mathml)
    return f"{env['mark']}-{len(kept) - 1}-"


@cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "html_inline", "html_block"])
    dollarmath_plugin(made, allow_space=False, allow_digits=False, double_inline=True, allow_labels=False)
    for name in MATH_TOKENS:
        made.add_render_rule(name, _math)
    return made
