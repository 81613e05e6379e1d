"""What an author may write in a text, each shown as it is rendered."""

from __future__ import annotations

from functools import cache

from app.bank import markup
from app.bank.schema import Lang
from app.web.editor_views import Example

_SOURCES: dict[Lang, tuple[str, ...]] = {
    "en": (
        "**strong**, *stressed*, `code`",
        "- first point\n- second point",
        "1. first step\n2. second step",
        "A fraction $\\frac{a}{b}$ in a line of text, a sum $\\sum_{i=1}^{n} x_i$.",
        "$$\\mathrm{softmax}(x)_i = \\frac{e^{x_i}}{\\sum_j e^{x_j}}$$",
        "```python\nloss.backward()\n```",
        "| layer | output |\n| :-- | --: |\n| conv | 64 |",
        "[the paper](https://example.org)",
    ),
    "zh": (
        "**加粗**、*强调*、`代码`",
        "- 第一点\n- 第二点",
        "1. 第一步\n2. 第二步",
        "行内公式 $\\frac{a}{b}$，求和 $\\sum_{i=1}^{n} x_i$。",
        "$$\\mathrm{softmax}(x)_i = \\frac{e^{x_i}}{\\sum_j e^{x_j}}$$",
        "```python\nloss.backward()\n```",
        "| 层 | 输出 |\n| :-- | --: |\n| 卷积 | 64 |",
        "[论文](https://example.org)",
    ),
}


@cache
def examples(lang: Lang) -> list[Example]:
    return [Example(source, markup.to_html(source)) for source in _SOURCES[lang]]
