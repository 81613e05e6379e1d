"""The topic map, a topic's page, and what to study next, in both languages, before and after answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event
from test_practice_pages import SETTINGS, answer, next_card, rate, start

STATES = {
    "en": ["Learnt", "Begun", "Due now", "Weak", "Not yet"],
    "zh": ["已掌握", "已开始", "待复习", "薄弱", "未学"],
}
MARKS = ["learnt", "begun", "due", "weak", "not-yet"]


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def get(client: TestClient, path: str, lang: str = "en") -> str:
    response = client.get(path, headers={"accept-language": lang})
    assert response.status_code == 200
    return response.text


def rows(html: str) -> dict[str, tuple[str, str]]:
    """Each topic listed: its mark and its word."""
    found = re.findall(
        r'<li class="topic">.*?href="/topics/([a-z0-9-]+)".*?class="standing standing--([a-z-]+)">(.*?)</li>',
        html,
        re.S,
    )
    return {topic: (mark, text(rest)) for topic, mark, rest in found}


def section(html: str, name: str) -> str:
    found = re.search(rf'<section[^>]*aria-labelledby="{name}".*?</section>', html, re.S)
    return found[0] if found else ""


def study(client: TestClient, topic: str, rating: int, count: int = 1) -> str:
    """Practise so many questions of the topic and rate each; the session's address."""
    session = start(client, topic=topic, more="true", limit=str(count))
    for _ in range(count):
        card = next_card(client, session)
        answer(client, session, card)
        assert rate(client, session, card, rating) == 303
    client.post(f"{session}/finish")
    return session


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_map_lists_every_topic_with_a_mark_and_a_word(client: TestClient, lang: str) -> None:
    study(client, "iou", 3)
    study(client, "lda", 1)
    html = get(client, "/topics", lang)
    bank = client.app.state.services.bank  # type: ignore[attr-defined]  # our own app's
    found = rows(html)
    assert set(found) == set(bank.topics)
    assert all(word == dict(zip(MARKS, STATES[lang], strict=True))[mark] for mark, word in found.values())
    assert Counter(mark for mark, _ in found.values()) == {"begun": 1, "weak": 1, "not-yet": len(bank.topics) - 2}
    assert html.count('<details class="area"') == len(bank.areas) == 12


@pytest.mark.parametrize(("lang", "counts"), [("en", "1 of 31 learnt · 1 weak"), ("zh", "已掌握 1 / 31 · 薄弱 1")])
def test_area_says_how_many_of_its_topics_are_learnt(client: TestClient, lang: str, counts: str) -> None:
    study(client, "sift", 4, count=questions_of(client, "sift"))
    study(client, "soft-nms", 1)
    assert rows(get(client, "/topics"))["sift"] == ("learnt", "Learnt")
    area = re.search(r"<details[^>]*>(?:(?!</details>).)*topics/sift", get(client, "/topics", lang), re.S)
    assert area
    said = re.findall(r'<span class="area-(?:count|more)[^"]*">([^<]*)', area[0])
    assert " · ".join(part.strip() for part in said) == counts


def questions_of(client: TestClient, topic: str) -> int:
    return len(client.app.state.services.bank.of_topic(topic))  # type: ignore[attr-defined]  # our own app's


def test_topics_of_an_area_stand_in_the_order_in_which_they_build_on_each_other(client: TestClient) -> None:
    bank = client.app.state.services.bank  # type: ignore[attr-defined]  # our own app's
    place = {topic: index for index, topic in enumerate(rows(get(client, "/topics")))}
    edges = [(a, b.id) for b in bank.topics.values() for a in b.requires if bank.topics[a].area == b.area]
    assert len(edges) > 200
    assert all(place[before] < place[after] for before, after in edges)


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ["Non-maximum suppression", "Not yet", "Builds on", "Opens", "Its questions", "Study next", "Practise"]),
     ("zh", ["非极大值抑制 NMS", "未学", "先学这些", "学完可以接着学", "这个知识点的题", "接着学", "练习"])],
)  # fmt: skip
def test_topic_page_shows_its_state_its_neighbours_and_its_questions(
    client: TestClient, lang: str, words: list[str]
) -> None:
    html = get(client, "/topics/nms", lang)
    bank = client.app.state.services.bank  # type: ignore[attr-defined]  # our own app's
    assert all(word in text(html) for word in words)
    assert set(rows(section(html, "before"))) == set(bank.topics["nms"].requires)
    assert set(rows(section(html, "after"))) == {it.id for it in bank.topics.values() if "nms" in it.requires}
    listed = section(html, "questions")
    assert all(f'/{entry.question.id}"' in listed for entry in bank.of_topic("nms"))


def test_topic_page_suggests_its_neighbours_first(client: TestClient) -> None:
    assert next_up(get(client, "/topics/nms"))[0] == "iou"


def test_unknown_topic_is_not_found(client: TestClient) -> None:
    response = client.get("/topics/no-such-topic")
    assert response.status_code == 404
    assert "There is no such topic." in response.text


@pytest.mark.parametrize("topic", ["rwkv-nonsense-%00", "a" * 200, "%E5%8D%B7"])
def test_malformed_topic_is_a_clear_page(client: TestClient, topic: str) -> None:
    response = client.get(f"/topics/{topic}")
    assert response.status_code in (404, 422)
    assert "<h1" in response.text


def next_up(html: str) -> list[str]:
    """The topics under "Study next"."""
    return re.findall(r'<li class="step">\s*<div>\s*<a href="/topics/([a-z0-9-]+)"', section(html, "next"))


@pytest.mark.parametrize("path", ["/", "/topics"])
def test_beginner_is_told_what_opens_most(client: TestClient, path: str) -> None:
    html = get(client, path)
    assert next_up(html)[0] == "convolution-concept"
    assert "opens 12 topics" in text(section(html, "next"))
    assert "学了它，就能接着学另外 12 个知识点" in text(section(get(client, path, "zh"), "next"))


def test_missed_topic_comes_next_with_its_reason_until_it_is_undone(client: TestClient) -> None:
    before = {path: section(get(client, path), "next") for path in ("/", "/topics")}
    session = study(client, "lda", 1)
    for path in ("/", "/topics", session):
        html = get(client, path)
        assert next_up(html)[0] == "lda"
        assert "you missed 1 of 1 here" in text(section(html, "next"))
    assert "做过 1 题，错了 1 题" in text(section(get(client, session, "zh"), "next"))
    client.post(f"{session}/undo")
    client.post(f"{session}/finish")
    assert {path: section(get(client, path), "next") for path in ("/", "/topics")} == before


def test_topic_begun_is_gone_on_with_and_then_come_those_it_opens(client: TestClient) -> None:
    study(client, "iou", 3)
    html = get(client, "/topics/iou")
    assert "needs “Intersection over union”, which you have begun" in text(section(html, "next"))
    said = text(section(get(client, "/topics"), "next"))
    assert f"1 of {questions_of(client, 'iou')} answered so far" in said


def test_states_follow_the_memory_over_the_days(client: TestClient, clock: Any) -> None:
    topic = "sift"
    assert rows(get(client, "/topics"))[topic][0] == "not-yet"
    study(client, topic, 3, count=questions_of(client, topic))
    assert rows(get(client, "/topics"))[topic][0] == "begun"  # good at once lasts two days: not in long-term memory
    page = get(client, f"/topics/{topic}")
    assert "Nothing of it is left for today" in page
    assert f'name="topic" value="{topic}"' not in page
    clock.forward(days=3)
    assert rows(get(client, "/topics"))[topic][0] == "due"
    study(client, topic, 3, count=questions_of(client, topic))
    assert rows(get(client, "/topics"))[topic][0] == "learnt"
    assert topic not in next_up(get(client, "/"))
    clock.forward(days=120)
    assert rows(get(client, "/topics"))[topic][0] == "due"
    clock.forward(days=3650)
    assert rows(get(client, "/topics"))[topic][0] == "weak"


def test_any_topic_is_practised_at_once_whatever_the_days_limit(client: TestClient) -> None:
    client.post("/settings", data=SETTINGS | {"new_per_day": "0"})
    form = re.search(r'<form method="post" action="/practice">(.*?)</form>', get(client, "/topics/soft-nms"), re.S)
    assert form
    session = start(client, **dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1])))
    card = next_card(client, session)
    assert card["question"]["topic"] == "soft-nms"
    assert card["total"] == questions_of(client, "soft-nms")


def test_suspended_question_does_not_count(client: TestClient) -> None:
    bank = client.app.state.services.bank  # type: ignore[attr-defined]  # our own app's
    study(client, "lda", 1)
    for entry in bank.of_topic("lda"):
        client.post(f"/q/{entry.question.id}/suspend")
    assert rows(get(client, "/topics"))["lda"][0] == "not-yet"
    assert "It has no question that can be asked here." in get(client, "/topics/lda")
    assert "lda" not in next_up(get(client, "/"))


@contextmanager
def statements(client: TestClient) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    engine = client.app.state.services.db.reading  # type: ignore[attr-defined]  # our own app's
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(("path", "queries"), [("/topics", 1), ("/topics/conv-output-size", 2)])
def test_states_of_all_topics_take_one_query(client: TestClient, path: str, queries: int) -> None:
    study(client, "conv-output-size", 3, count=3)
    with statements(client) as asked:
        get(client, path)
    assert len([it for it in asked if "FROM card" in it]) == queries
