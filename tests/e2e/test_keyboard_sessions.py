"""A whole session by keyboard alone: a first-time user's ten questions, and every kind answered right."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import chain, cycle
from typing import cast

import pytest
from keyboard_answers import answer_anyhow, answer_right, tab_to
from playwright.sync_api import expect
from visitor import Visitor
from whetstone_server import Server

from app.bank.catalog import Bank
from app.bank.loader import load_bank
from app.bank.present import reveal
from app.bank.schema import KINDS, Lang
from app.settings import ROOT

OpenTab = Callable[..., Visitor]
QUIZ_KINDS = [kind for kind in KINDS if kind != "code"]


@pytest.fixture(scope="module")
def bank() -> Bank:
    return load_bank(ROOT / "questions", None)[0]


def ask_for_ten(visitor: Visitor) -> None:
    """To the settings and back by the keyboard: ten new questions a day."""
    tab_to(visitor, "nav a[href='/settings']")
    visitor.press("Enter")
    visitor.page.wait_for_url("**/settings")
    tab_to(visitor, "#new_per_day")
    visitor.press("Control+a")
    visitor.page.keyboard.type("10")
    visitor.press("Enter")
    visitor.page.wait_for_url("**/settings?saved=true")
    tab_to(visitor, "nav a[href='/']")
    visitor.press("Enter")
    visitor.page.wait_for_url(visitor.server.origin + "/")


def answer_all(visitor: Visitor, bank: Bank, lang: Lang) -> Counter[str]:
    """Answer what comes until the summary: the first card is forgotten and comes back, code is put off.

    How often each kind was answered, and how many cards of kind code were put off.
    """
    ratings = chain(["1"], cycle(["Enter", "Space", "3", "2", "4"]))
    kinds: Counter[str] = Counter()
    while not visitor.is_over:
        assert kinds.total() < 11, "the session does not end"
        card = visitor.card()
        assert card["state"] == "waiting"
        kinds[card["question"]["kind"]] += 1
        if card["question"]["kind"] == "code":
            visitor.press("b")
        else:
            if kinds.total() - kinds["code"] > 1:
                answer_right(visitor, card, bank, reveal(bank.questions[card["question"]["id"]], lang, card["seed"]))
            else:
                answer_anyhow(visitor, card)
            assert visitor.card()["state"] == "answered"
            visitor.press(next(ratings))
        expect(visitor.page.locator(f"[data-card='{card['card_id']}'][data-seed='{card['seed']}']")).to_have_count(0)
        visitor.asked()
    return kinds


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_first_time_user_finishes_ten_questions_by_keyboard(
    server: Server, tabs: OpenTab, bank: Bank, lang: str
) -> None:
    visitor = tabs(server, lang)
    visitor.open("/")
    expect(visitor.page.locator("html")).to_have_attribute("lang", {"en": "en", "zh": "zh"}[lang])
    ask_for_ten(visitor)
    expect(visitor.page.locator(".today-number")).to_have_text("10")
    visitor.press("Enter")
    visitor.page.wait_for_url("**/practice/*")
    visitor.asked()
    kinds = answer_all(visitor, bank, cast("Lang", lang))
    assert visitor.card()["state"] == "finished"
    assert len(set(kinds) - {"code"}) >= 4
    figures = visitor.page.locator(".summary .figures dd")
    expect(figures.nth(0)).to_have_text(str(10 - kinds["code"]))
    expect(figures.nth(1)).to_have_text(str(9 - kinds["code"]))
    visitor.press("Enter")
    visitor.page.wait_for_url(visitor.server.origin + "/")
    expect(visitor.page.locator(".today")).to_contain_text(
        {"en": "{} answers given today", "zh": "今天已答 {} 次"}[lang].format(11 - kinds["code"])
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", QUIZ_KINDS)
def test_each_kind_is_answered_right_by_keyboard(
    shared_server: Server, tabs: OpenTab, bank: Bank, kind: str, lang: str
) -> None:
    visitor = tabs(shared_server, lang)
    visitor.begin(kind=kind, limit="1")
    card = visitor.card()
    shown = reveal(bank.questions[card["question"]["id"]], cast("Lang", lang), card["seed"])
    answer_right(visitor, card, bank, shown)
    if kind != "flashcard":
        expect(visitor.page.locator("#verdict")).to_have_class(re.compile("is-right"))
    visitor.press("Space")
    visitor.asked()
    assert visitor.is_over
