"""Markdown and math to safe HTML: what authors use comes out, what attackers use does not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bank import markup
from app.bank.mathml import to_words


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("a **b** *c* `d<e`", "<p>a <strong>b</strong> <em>c</em> <code>d&lt;e</code></p>"),
        ("$x<y$", "<p><math><mi>x</mi><mo>&lt;</mo><mi>y</mi></math></p>"),
        ("用 3$\\times$3 卷积", '<p>用 3<math><mo lspace="0" rspace="0">×</mo></math>3 卷积</p>'),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("```py\nx < 1\n```", '<pre tabindex="0"><code>x &lt; 1\n</code></pre>'),
        ("# a\n\nb\n---", "<p><strong>a</strong></p>\n<p><strong>b</strong></p>"),
        ("costs \\$5", "<p>costs $5</p>"),
        ("BN uses [[axes]](x).", "<p>BN uses [[axes]](x).</p>"),
    ],
)
def test_markdown(markdown: str, html: str) -> None:
    assert markup.to_html(markdown) == html


def test_links_are_http_only_and_cut_their_opener() -> None:
    assert '<a href="https://a.b/c" rel="noopener noreferrer">x</a>' in markup.to_html("[x](https://a.b/c)")
    for scheme in ("javascript", "data", "vbscript", "JaVaScRiPt", "file", "mailto"):
        address = f"{scheme}:alert(1)"
        assert "href" not in markup.to_html(f"[x]({address})")
        assert "href" not in markup.to_html(f"<{address}>")


def test_display_math_has_a_wrapper_in_block_and_in_line() -> None:
    wrapped = '<span class="math-display"><math display="block"><mi>x</mi></math></span>'
    assert markup.to_html("$$\nx\n$$") == f"<p>{wrapped}</p>"
    assert markup.to_html("so $$x$$ holds") == f"<p>so {wrapped} holds</p>"


def test_table_alignment_is_a_class() -> None:
    html = markup.to_html("|a|b|\n|:-|-:|\n|1|$x$|")
    assert '<th class="align-left">a</th>' in html
    assert '<td class="align-right"><math><mi>x</mi></math></td>' in html


LATEX = [
    r"\cancel{x}",
    r"\begin{aligned}a&=b\\c&=d\end{aligned}",
    r"\operatorname*{arg\,max}_\theta f",
    r"\mathbf{W}^\top",
    r"\begin{cases}1&x>0\\0&\text{否则}\end{cases}",
    r"\begin{bmatrix}1&2\\3&4\end{bmatrix}",
    r"\left\lfloor\frac{n}{s}\right\rfloor",
    r"\begin{array}{c|c}1&2\\\hline3&4\end{array}",
    r"\sum_{i=1}^{n}\prod_j x_{ij}",
    r"\mathbb{E}[\lVert x\rVert_2^2]",
    r"a\!b",
    r"\sqrt[3]{\hat y}",
    r"\underbrace{a+b}_{c}",
    r"50\%",
    r"x\in\mathbb{R}^{C\times H\times W}",
    r"\boldsymbol{\mu}",
]


@pytest.mark.parametrize("latex", LATEX)
def test_latex_in_use_renders_without_inline_style(latex: str) -> None:
    html = markup.to_html(f"${latex}$")
    assert "<math>" in html
    assert "math-error" not in html
    assert " style=" not in html
    assert markup.math_errors(f"${latex}$") == []


def test_bad_latex_shows_its_source() -> None:
    assert markup.to_html(r"a $\frac{<1$ b") == r'<p>a <code class="math-error">\frac{&lt;1</code> b</p>'


def test_math_errors_say_where() -> None:
    markdown = "ok $x$, then\n\n$$\n\\foo + 1\n$$\n\nand $50%$"
    assert [(markdown[offset:][:4], message) for offset, message in markup.math_errors(markdown)] == [
        ("\\foo", 'Unknown command "\\foo"'),
        ("%$", "% begins a comment in LaTeX; write \\%"),
    ]


def test_stray_marks_are_found_and_escaped_ones_are_not() -> None:
    assert markup.stray_marks("a $x$ **b** \\$5 \\*\\*c `**$`") == []
    [(offset, message, _)] = markup.stray_marks("a $x$ and $y")
    assert (offset, message) == (10, "a '$' that opens no formula")
    [(offset, message, _)] = markup.stray_marks("这是**“池化”**层")
    assert (offset, message) == (2, "'**' that makes nothing bold")


def test_plain_text_keeps_formulas_as_words() -> None:
    assert markup.to_text("**Size** of $\\lfloor (n+2p-k)/s\\rfloor+1$\n\n- `a`\n- b") == "Size of ⌊(n+2p−k)/s⌋+1 a b"
    assert markup.prose("Size of $n$ and `code`") == "Size of and"
    assert markup.formulas("$a$ and $$b$$\n\n$$\nc\n$$") == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("latex", "words"),
    [
        (r"\frac{a+b}{c}", "(a+b)/c"), (r"x_i^2", "x_i^2"), (r"\sqrt{x+1}", "√(x+1)"), (r"\frac{1", r"\frac{1"),
        (r"\begin{bmatrix}1&2\\3&4\end{bmatrix}", "[1, 2; 3, 4]"), (r"\hat{m}_t", "m̂_t"), (r"\frac{1}{NK}", "1/(NK)"),
        (r"y\ln\sigma(z)", "y ln σ(z)"), (r"10\log_{10}a", "10 log_10 a"), (r"a,\quad b", "a, b"),
    ],
)  # fmt: skip
def test_formulas_in_words(latex: str, words: str) -> None:
    assert to_words(latex) == words


ATTACKS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![x](http://a.b/c.png)", "<b onclick=x>y</b>",
    "<math><mtext><script>x</script></mtext></math>", "</p><style>*{}</style>",
    "[x](https://a.b \"onmouseover=alert(1)\")",
    "$\\text{<script>alert(1)</script>}$", "$<img src=x>$", "`<script>`", "$\\href{javascript:alert(1)}{x}$",
    "$$</math><script>alert(1)</script>$$", "[[x]]<iframe>", "<!-- x -->", "&lt;script&gt;", "a\u0000b<svg/onload=x>",
]  # fmt: skip


MARKS = ["$", "$$", "\n\n", "a", "`", "**", "[", "](", "|", "<", ">", '"', "\\", "0-0-"]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_becomes_an_element_of_its_own(attack: str) -> None:
    assert_harmless(markup.to_html(attack))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*ATTACKS, *MARKS])))
def test_no_mixture_of_texts_becomes_an_element_of_its_own(pieces: list[str]) -> None:
    assert_harmless(markup.to_html("".join(pieces)))


BLOCKS = ("blockquote", "hr", "li", "ol", "p", "pre", "table", "tbody", "td", "th", "thead", "tr", "ul")


def assert_harmless(html: str) -> None:
    tags = re.findall(r"<\s*/?\s*([a-zA-Z!][^\s/>]*)", html)
    known = {*BLOCKS, "a", "br", "code", "em", "span", "strong"}
    assert {tag for tag in tags if not tag.startswith("m")} <= known
    for tag in re.findall(r"<[a-z][^>]*>", html):
        assert not re.search(r"\s(on\w+|style|src)\s*=", re.sub(r'"[^"]*"', '""', tag))
        assert "javascript:" not in tag


def test_a_text_cannot_forge_the_marks_of_math() -> None:
    """Marks are random for each text, so what one rendering shows tells nothing about the next."""
    markdown = "$x$ " + " ".join(f"{n:032x}-0-" for n in range(3))
    assert markup.to_html(markdown).count("<math>") == 1
    close = markup.to_html("beef0-$x$-1-" + "0" * 32 + "-0-$y$-0-")
    assert close.count("<math>") == 2
    assert "beef0-<math>" in close
    assert f"-1-{'0' * 32}-0-<math>" in close
