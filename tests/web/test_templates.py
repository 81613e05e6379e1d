"""Every template renders with everything on it in both languages, and keeps the rules that a browser can't forgive."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
import sample_views

from app.bank.schema import LANGS, Lang
from app.settings import ROOT
from app.web.render import TEMPLATES, render

VOID = {"br", "col", "hr", "img", "input", "link", "meta", "path", "rect", "circle", "line"}
CASES = [(lang, name) for lang in LANGS for name, *_ in sample_views.pages(lang)]


class Outline(HTMLParser):
    """The elements of a page with their attributes, and the faults found on the way."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.faults: list[str] = []
        self.feed(html)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        if tag == "script" and "src" not in found:
            self.faults.append("an inline script")
        if tag == "style" or "style" in found:
            self.faults.append(f"an inline style on <{tag}>")
        self.faults += [f"an inline handler: {name}" for name in found if name.startswith(("on", "hx-on"))]
        if tag == "form" and "form" in self.open:
            self.faults.append("a form inside a form")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes nothing; open are {self.open[-3:]}")
        else:
            self.open.pop()

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]

    @property
    def ids(self) -> list[str]:
        return [attrs["id"] or "" for _, attrs in self.elements if "id" in attrs]


def rendered(lang: Lang, wanted: str) -> str:
    template, view, active = next(rest for name, *rest in sample_views.pages(lang) if name == wanted)
    assert isinstance(template, str)
    assert isinstance(active, str)
    return render(template, lang, shell=sample_views.shell(lang, active), view=view)


@pytest.mark.parametrize(("lang", "name"), CASES)
def test_page_is_well_formed_and_keeps_the_content_policy(lang: Lang, name: str) -> None:
    outline = Outline(rendered(lang, name))
    assert outline.faults == []
    assert [id_ for id_, count in Counter(outline.ids).items() if count > 1] == []
    referred = [
        attrs.get(key)
        for _, attrs in outline.elements
        for key in ("for", "aria-labelledby", "aria-describedby", "aria-controls")
    ]
    missing = {part for value in referred if value for part in value.split()} - set(outline.ids)
    assert missing - {"answer-error"} == set()


@pytest.mark.parametrize(("lang", "name"), CASES)
def test_whole_page_has_one_heading_one_main_part_and_its_language(lang: Lang, name: str) -> None:
    html = rendered(lang, name)
    if not html.startswith("<!DOCTYPE"):
        return  # a fragment
    outline = Outline(html)
    titles = html.partition("</head>")[0].count("<title>")  # a drawing has one of its own
    assert len(outline.all("h1")) == len(outline.all("main")) == titles == 1
    assert outline.all("html")[0]["lang"] == lang
    main = outline.all("main")[0]["id"]
    assert f'href="#{main}"' in html
    assert re.search(r"<title>\S.*· Whetstone 磨刀石</title>", html)


def test_every_form_works_without_script() -> None:
    for lang, name in CASES:
        for form in Outline(rendered(lang, name)).all("form"):
            assert form.get("method") in {"get", "post", "dialog"}, name
            assert form.get("method") == "dialog" or (form.get("action") or "").startswith("/"), name


def test_every_template_is_rendered_by_these_samples() -> None:
    templates = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")}
    named = {template for _, template, *_ in sample_views.pages("en")}
    sources = "\n".join((TEMPLATES / template).read_text() for template in templates)
    included = set(re.findall(r'(?:include|extends|from) "([^"]+)"', sources))
    assert templates - named - included == set()


def test_answered_card_says_right_and_wrong_in_words_beside_the_marks() -> None:
    html = rendered("en", "session-single-2")
    assert "the right one" in html
    assert "wrong, and you chose it" in html
    assert html.count("You left out the padding.") == 4  # every option has its reason


def test_given_answer_stands_in_the_form_again_after_it_was_refused() -> None:
    html = rendered("en", "session-numeric-2")
    assert 'value="abc"' in html
    assert 'aria-invalid="true"' in html


def test_code_in_the_plain_editor_is_escaped() -> None:
    html = rendered("en", "code-fresh")
    assert "# &lt;/textarea&gt; stays text" in html
    assert "def iou(a, b):" in html


def test_chinese_page_shows_no_english_phrase_of_ours() -> None:
    words = re.compile(r">\s*([A-Z][a-z]+(?: [a-z]+)+)[^<]*<")
    for name, *_ in sample_views.pages("zh"):
        found = words.findall(rendered("zh", name))
        ours = [phrase for phrase in found if not any(source.startswith(phrase) for source in sample_views.SOURCES)]
        assert ours == [], name


def test_templates_pass_djlint() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "djlint", "--lint", "--quiet", str(TEMPLATES)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_built_files_of_the_manifest_exist_and_scripts_stay_small() -> None:
    dist = Path(ROOT / "static" / "dist")
    manifest = json.loads((dist / "manifest.json").read_text())
    size = {name: len(gzip.compress((dist / file).read_bytes())) for name, file in manifest.items()}
    assert size["app.js"] <= 30 * 1024
    assert size["app.js"] + size["code.js"] <= 220 * 1024


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        ("en", ["Write yourself", "numpy.linalg.svd, numpy.ndarray.sort", "; rows in any order",
                "; indices of equal entries of argument 2 may be swapped", "; any of several answers is accepted"]),
        ("zh", ["须自己实现", "numpy.linalg.svd、numpy.ndarray.sort", "；行的顺序不限",
                "；第 2 个参数中相等的项，下标可以互换", "；几种答案都算对"]),
    ],
)  # fmt: skip
def test_code_page_states_the_whole_contract(lang: Lang, lines: list[str]) -> None:
    name = next(name for name, *_ in sample_views.pages(lang) if name.startswith("code-"))
    text = " ".join(re.sub(r"<[^>]*>", "", rendered(lang, name)).split())
    for line in lines:
        assert line in text
