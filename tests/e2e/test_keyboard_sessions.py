"""A whole session by keyboard alone: a first-time user's ten questions, and every kind answered right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
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
def bank() -> Iterator[Bank]:
    yield load_bank(ROOT / "questions", None)[0]


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


def answer_all(visitor: Visitor, bank: Bank, lang: Lang) -> tuple[set[str], int]:
    """Answer what comes until the summary: the first card is forgotten and comes back, code is put off.

    The kinds that were answered, and how many cards were put off.
    """
    ratings = chain(["1"], cycle(["Enter", "Space", "3", "2", "4"]))
    kinds: set[str] = set()
    turns = put_off = 0
    while not visitor.is_over:
        turns += 1
        assert turns <= 11, "the session does not end"
        card = visitor.card()
        assert card["state"] == "waiting"
        if card["question"]["kind"] == "code":
            visitor.press("b")
            put_off += 1
        else:
            if kinds:
                answer_right(visitor, card, bank, reveal(bank.questions[card["question"]["id"]], lang, card["seed"]))
            else:
                answer_anyhow(visitor, card)
            assert visitor.card()["state"] == "answered"
            visitor.press(next(ratings))
            kinds.add(card["question"]["kind"])
        expect(visitor.page.locator(f"[data-card='{card['card_id']}'][data-seed='{card['seed']}']")).to_have_count(0)
        visitor.asked()
    return kinds, put_off


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
    kinds, put_off = answer_all(visitor, bank, cast("Lang", lang))
    assert visitor.card()["state"] == "finished"
    assert len(kinds) >= 4
    summary = visitor.page.locator(".summary")
    expect(summary.locator(".figures dd").first).to_have_text(str(10 - put_off))
    visitor.press("Enter")
    visitor.page.wait_for_url(visitor.server.origin + "/")
    expect(
        visitor.page.get_by_text(re.compile(rf"{10 - put_off} answers given today|今天.*{10 - put_off}"))
    ).to_be_visible()


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
