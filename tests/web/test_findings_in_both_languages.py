"""What is found wrong with a question is told in the reader's language: on every page, in files and over the API."""

from __future__ import annotations

import html
import re
import threading
from typing import Any

import pytest
from fastapi.testclient import TestClient
from list_cast import put

from app.authoring.gate_record import GateRecord, gate_record
from app.authoring.models import Origin
from app.authoring.revisions import Fresh, save
from app.bank.expressions import Expression, ExpressionError
from app.bank.findings import Finding
from app.bank.foreign_words import of_latex, of_yaml
from app.bank.schema.base import Misfit
from app.languages import Message, Phrase, as_data, as_is, from_data, phrase
from app.web.i18n import words

ZH = {"accept-language": "zh-CN"}
CARD = (
    "id: fresh-card\nkind: flashcard\ndifficulty: 2\nminutes: 1\nstatus: draft\n"
    "prompt: {en: 'Why?', zh: 为何？}\nanswer: {en: So., zh: 所以。}\nsources: [A book]\n"
)
HARD = CARD.replace("difficulty: 2", "difficulty: hard")
HARD_ZH = "“difficulty”是 'hard'，应为整数；请写整数，不加引号"
HARD_EN = "'difficulty' is 'hard', not a whole number; write a whole number, without quotes"
FIVE = CARD.replace("So., zh", "It is 5., zh")


def text_of(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page)))


@pytest.mark.parametrize(("headers", "due"), [(ZH, HARD_ZH), ({}, HARD_EN)])
@pytest.mark.parametrize("view", ["yaml", "form"])
def test_the_editor_tells_faults_in_the_readers_language(
    client: TestClient, headers: dict[str, str], due: str, view: str
) -> None:
    put(client, "fresh-card", HARD)
    page = client.get(f"/admin/questions/fresh-card/edit?view={view}", headers=headers)
    assert page.status_code == 200
    assert due in text_of(page.text)


def test_the_gate_tells_one_run_to_each_reader_in_their_own_language(client: TestClient) -> None:
    answer = client.post("/admin/questions/fresh-card/gate", data={"yaml": FIVE, "topic": "iou"})
    run_id = int(answer.headers["location"].rpartition("/")[2])
    pause = threading.Event()
    while client.get(f"/api/admin/gate/{run_id}").json()["state"] in ("queued", "running"):
        pause.wait(0.02)
    (english,) = client.get(f"/api/admin/gate/{run_id}").json()["findings"]
    (chinese,) = client.get(f"/api/admin/gate/{run_id}", headers=ZH).json()["findings"]
    assert (english["message"], chinese["message"]) == ("the number 5 stands in 'en' only", "数字 5 只在“en”里有")
    assert english["key"] == chinese["key"]
    assert "数字 5 只在“en”里有" in client.get(f"/admin/gate/{run_id}", headers=ZH).text
    assert "the number 5 stands in &#39;en&#39; only" in client.get(f"/admin/gate/{run_id}").text


def test_the_api_refuses_an_unsound_text_in_the_readers_language(client: TestClient) -> None:
    body = {"yaml": HARD, "topic": "iou", "base_hash": None, "note": ""}
    refused = client.put("/api/admin/questions/fresh-card", json=body, headers=ZH)
    assert refused.status_code == 422, refused.text
    (finding,) = refused.json()["findings"]
    assert f"{finding['message']}；{finding['mend']}" == HARD_ZH


def test_imports_tell_faults_in_the_readers_language_on_the_page_and_in_the_file(client: TestClient) -> None:
    form = {"format": "yaml", "topic": "iou", "text": HARD}
    assert "第 3 行：difficulty：“difficulty”是 'hard'，应为整数" in text_of(
        client.post("/admin/import/check", data=form, headers=ZH).text
    )
    assert "# error: 第 3 行：difficulty" in client.post("/admin/import/failing", data=form, headers=ZH).text
    table = {"format": "flashcard", "topic": "iou", "text": "prompt,answer\nWhy,\n", "name": "cards.csv"}
    table |= {"col-prompt-en": "0", "col-answer-en": "1"}
    assert "“answer”是空的" in client.post("/admin/import/failing", data=table, headers=ZH).text
    assert "'answer' is empty" in client.post("/admin/import/failing", data=table).text


def test_history_names_the_folder_and_what_was_waived_in_the_readers_language(client: TestClient) -> None:
    services = client.app.state.services  # type: ignore[attr-defined]  # Starlette's app
    fault = Finding(
        services.settings.questions_dir,
        1,
        1,
        phrase("option"),
        phrase("the name '%(name)s' is taken", name="x"),
        as_is("."),
    )
    kept = gate_record([fault])
    gate = kept.model_dump(mode="json") | {"waivers": [{"finding": kept.findings[0].key, "reason": "It is meant so."}]}
    old = {"passed": False, "findings": [{"key": "k", "message": "an old fault"}]}
    old |= {"waivers": [{"finding": "k", "reason": "As it was."}]}
    with services.db.write() as connection:
        for number, record in enumerate((gate, old)):
            fresh = Fresh("fresh-card", "iou", "draft", CARD, None, Origin.folder, gate=record)
            save(connection, fresh, None, services.clock(), base_number=number or None, publish=False)
    page = text_of(client.get("/admin/questions/fresh-card/history", headers=ZH).text)
    assert "名称“x”已被占用" in page
    assert "an old fault" in page
    assert "题库文件夹" in page
    assert "the question folder" in text_of(client.get("/admin/questions/fresh-card/history").text)


@pytest.mark.parametrize(
    "told",
    [
        phrase("'%(name)s' is empty", name="zh"),
        phrase("%(message)s; %(mend)s", message=phrase("remove it"), mend=Message("one", "一")),
        phrase("%(count)s hints", count=3),
        as_is("50% of it"),
        as_is(""),
    ],
)
def test_a_phrase_is_the_same_after_it_was_kept(told: Phrase) -> None:
    kept = from_data(as_data(told))
    assert (kept, words("zh").say(kept)) == (told, words("zh").say(told))


def test_what_was_kept_before_there_were_phrases_is_shown_as_it_was() -> None:
    kept: Any = {"key": "k", "line": 1, "column": 1, "where": "option 2", "message": "is 50% off", "mend": "mend it"}
    (finding,) = GateRecord(passed=False, findings=[kept]).findings
    assert [words("zh").say(it) for it in (finding.where, finding.message)] == ["option 2", "is 50% off"]


def test_a_phrase_within_a_phrase_is_said_in_the_same_language() -> None:
    told = phrase("%(fault)s; %(more)s", fault=phrase("remove it"), more=Message("and go", "再走"))
    assert (str(told), words("zh").say(told)) == ("remove it; and go", "请删去；再走")


def test_a_long_phrase_is_cut_in_its_parts_and_still_said_in_both_languages() -> None:
    told = phrase("the name '%(name)s' is taken", name="x" * 5000).within(100)
    assert len(told) < 150
    assert words("zh").say(told).startswith("名称“xxx")


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("did not find expected ',' or ']'", "缺少“,”或“]”"),
        ("could not find expected ':'", "缺少“:”"),
        ("could not determine a constructor for the tag '!x'", "不认识标签 '!x'"),
        ("something that no parser says", "something that no parser says"),
    ],
)
def test_what_the_yaml_parser_says_is_said_in_chinese_where_it_is_known(english: str, chinese: str) -> None:
    assert (str(of_yaml(english)), words("zh").say(of_yaml(english))) == (english, chinese)


def test_what_the_latex_parser_says_is_said_in_chinese() -> None:
    assert words("zh").say(of_latex('Unknown command "\\foo"')) == "未知的命令“\\foo”"


@pytest.mark.parametrize(
    ("source", "due"),
    [
        ("n +", "语法错误"),
        ("f(n)", "未知的函数“f”"),
        ("'a' * n", "需要一个数，而不是文本"),
        ("1 / (n - n)", "除数为零"),
        ("", "表达式是空的"),
    ],
)
def test_faults_of_expressions_are_said_in_chinese(source: str, due: str) -> None:
    with pytest.raises(ExpressionError) as fault:
        Expression.parse(source).evaluate({"n": 2})
    assert words("zh").say(fault.value.told) == due


def test_a_misfit_reads_as_one_sentence() -> None:
    assert str(Misfit(phrase("remove it"), phrase("write one"))) == "remove it; write one"
