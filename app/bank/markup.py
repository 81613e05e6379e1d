"""Markdown with `$…$` and `$$…$$` math to safe HTML and MathML, and to plain text.

CommonMark and tables, without images, raw HTML and headings (a page has its own; they come out as bold paragraphs). The
author's HTML is escaped, the renderer's output sanitised, and only then is the trusted MathML put in, at marks that no
text can forge. `[[name]]` (a cloze blank) passes through untouched.

Classes for the style sheet: `math-display` round a formula on a line of its own, `math-error` on one that can't be
rendered (its source is shown), `align-left|center|right` on table cells, and those of `bank.mathml`.
"""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Iterator, MutableMapping, Sequence
from functools import cache, lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin

from app.bank.mathml import MathError, to_mathml, to_words
from app.bank.schema import BLANK
from app.languages import Phrase, phrase

MATH_TOKENS = ("math_inline", "math_inline_double", "math_block")
_CODE_TOKENS = ("code_inline", "fence", "code_block")
_BREAKS = ("softbreak", "hardbreak", "paragraph_open", "heading_open", "list_item_open", "td_open", "th_open")

_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--")

_MARK = re.compile(r"([0-9a-f]{32})-(\d+)-")  # of a formula; whether it is one, its random digits say

_SANITISER = nh3.Cleaner(
    tags={
        "a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "strong", "table", "tbody", "td", "th",
        "thead", "tr", "ul",
    },
    attributes={"a": {"href"}, "ol": {"start"}, "pre": {"tabindex"}},
    allowed_classes={cell: {"align-left", "align-center", "align-right"} for cell in ("td", "th")},
    url_schemes={"http", "https"},
    link_rel="noopener noreferrer",
)  # fmt: skip


# All texts of a bank of a thousand questions, in a language: with fewer, learners who practise side by side drive each
# other's out, and most of what is shown is read anew, a third of a millisecond each time.
@lru_cache(maxsize=16_384)
def to_html(markdown: str) -> str:
    """Safe HTML. Math that can't be rendered stays as its source, marked `math-error`."""
    mark = secrets.token_hex(16)
    formulas: list[str] = []
    rendered = _SANITISER.clean(_markdown().render(markdown, {"mark": mark, "formulas": formulas}))
    rendered = rendered.replace("<th></th>", "<td></td>")  # a header cell without a text names nothing
    return _MARK.sub(lambda found: formulas[int(found[2])] if found[1] == mark else found[0], rendered).strip()


@lru_cache(maxsize=2048)
def to_text(markdown: str) -> str:
    """Plain text for titles and labels: marks gone, formulas as words, white space folded."""
    return _folded(
        to_words(token.content.strip()) if token.type in MATH_TOKENS else token.content for token in _leaves(markdown)
    )


def prose(markdown: str) -> str:
    """The plain text without formulas and code: what is written in a human language."""
    return _folded(" " if token.type in (*MATH_TOKENS, *_CODE_TOKENS) else token.content for token in _leaves(markdown))


def formulas(markdown: str) -> list[str]:
    """The LaTeX of every formula, in order."""
    return [latex for _, latex in _formulas_at(markdown)]


def math_errors(markdown: str) -> list[tuple[int, Phrase]]:
    """(offset into `markdown`, what is wrong) of every formula that can't be rendered."""
    errors: list[tuple[int, Phrase]] = []
    for at, latex in _formulas_at(markdown):
        try:
            to_mathml(latex, display=False)
        except MathError as error:
            errors.append((at + error.offset, error.told))
    return errors


def stray_marks(markdown: str) -> list[tuple[int, Phrase, Phrase]]:
    """(offset, what is wrong, what to do) of dollars, stars and tags that were meant as marks and stay as text."""
    found: list[tuple[int, Phrase, Phrase]] = []
    end = 0
    for token in _leaves(markdown, _checking()):
        at = markdown.find(token.content, end)
        end = at + len(token.content) if at >= 0 else end
        if token.type != "text":
            continue
        if "$" in token.content:
            found.append(
                (
                    max(at, 0) + token.content.find("$"),
                    phrase("a '$' that opens no formula"),
                    phrase("close it, or write \\$"),
                )
            )
        if "**" in token.content:
            mend = phrase("put a space outside the stars, or take punctuation out of them")
            found.append((max(at, 0) + token.content.find("**"), phrase("'**' that makes nothing bold"), mend))
        if tag := _TAG.search(token.content):
            message = phrase("the HTML tag %(tag)s, which learners would see as it is written", tag=tag[0])
            found.append((max(at, 0) + tag.start(), message, phrase("write Markdown, or put `…` round it")))
    return found


def _formulas_at(markdown: str) -> Iterator[tuple[int, str]]:
    """Each formula with its offset; the end of the one before where it reads differently in the source (in a quote)."""
    end = 0
    for token in _leaves(markdown):
        if token.type in MATH_TOKENS:
            latex = token.content.strip()
            at = markdown.find(latex, end)
            end = at + len(latex) if at >= 0 else end
            yield max(at, 0), latex


def _leaves(markdown: str, parser: MarkdownIt | None = None) -> Iterator[Token]:
    for block in (parser or _markdown()).parse(markdown):
        if block.type in _BREAKS:
            yield Token("text", "", 0, content=" ")
        elif block.type == "inline":
            for token in block.children or ():
                if token.type in _BREAKS:
                    yield Token("text", "", 0, content=" ")
                elif token.content:
                    yield token
        elif block.content:
            yield block


def _folded(pieces: Iterator[str]) -> str:
    return " ".join("".join(pieces).split())


def _math(
    _: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    """Keep the formula's MathML aside and leave a mark for it."""
    token = tokens[index]
    display = token.type != "math_inline"
    try:
        mathml = to_mathml(token.content.strip(), display=display)
    except MathError:
        mathml = f'<code class="math-error">{html.escape(token.content.strip())}</code>'
    if display:
        mathml = f'<span class="math-display">{mathml}</span>'
    env["formulas"].append(mathml)
    mark = f"{env['mark']}-{len(env['formulas']) - 1}-"
    return f"<p>{mark}</p>\n" if token.type == "math_block" else mark


def _code(
    _: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: MutableMapping[str, Any]
) -> str:
    """Code scrolls sideways on a narrow page, so the keyboard must reach it."""
    return f'<pre tabindex="0"><code>{html.escape(tokens[index].content)}</code></pre>\n'


def _heading(
    _: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: MutableMapping[str, Any]
) -> str:
    return "<p><strong>" if tokens[index].nesting == 1 else "</strong></p>\n"


def _cell(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    """Alignment as a class: the page allows no inline style."""
    token = tokens[index]
    if style := str(token.attrs.pop("style", "")):
        token.attrSet("class", f"align-{style.removeprefix('text-align:')}")
    return self.renderToken(tokens, index, options, env)


def _blank(state: StateInline, silent: bool) -> bool:
    """A cloze blank, before links and emphasis can take its brackets."""
    found = BLANK.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("text", "", 0).content = found[0]
    state.pos = found.end()
    return True


def _made() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "html_inline", "html_block"])
    dollarmath_plugin(made, allow_space=True, allow_digits=True, double_inline=True, allow_labels=False)
    made.inline.ruler.before("link", "blank", _blank)
    for names, rule in (
        (MATH_TOKENS, _math),
        (("fence", "code_block"), _code),
        (("heading_open", "heading_close"), _heading),
        (("td_open", "th_open"), _cell),
    ):
        for name in names:
            made.add_render_rule(name, rule)
    return made


@cache
def _markdown() -> MarkdownIt:
    return _made()


@cache
def _checking() -> MarkdownIt:
    """Keeps escaped characters apart from text, so that `\\$` is told from `$`."""
    return _made().disable("text_join")
