"""The editor's pages: who may see them, what is kept, checked, shown and saved, and that nobody's edit is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from keepers import log_in, revised, school, services, text_in_folder
from test_templates import Outline

from app.authoring import revisions
from app.authoring.single import MAX_TEXT_BYTES
from app.authoring.starters import with_id
from app.settings import Settings
from app.web import tryouts

QUESTION = "nms-true-statements"
AT = f"/admin/questions/{QUESTION}"


@pytest.fixture
def held(settings: Settings, clock: Any) -> Iterator[TestClient]:
    """The school, with the question's first revision, and eve logged in."""
    with school(settings, clock) as made:
        revised(made, QUESTION)
        log_in(made, "eve")
        yield made


def head(client: TestClient, question_id: str = QUESTION) -> revisions.Version:
    with services(client).db.read() as connection:
        known = revisions.head(connection, question_id)
        assert known
        return revisions.version(connection, question_id, known.head_number)


def form(yaml: str, base: int | None = 1, **more: str) -> dict[str, str]:
    return {"yaml": yaml, "base_number": "" if base is None else str(base), **more}


def test_only_editors_and_admins_reach_the_editor(held: TestClient) -> None:
    yaml = text_in_folder(held, QUESTION)
    asked = [
        ("GET", f"{AT}/edit", None),
        ("POST", f"{AT}/edit", form(yaml, action="draft")),
        ("PUT", f"{AT}/draft", form(yaml)),
        ("POST", f"{AT}/discard", {}),
        ("POST", f"{AT}/check", form(yaml)),
        ("GET", f"{AT}/preview", None),
        ("POST", f"{AT}/preview", form(yaml)),
        ("GET", "/admin/schema.json", None),
    ]
    for name in (None, "ada", "eve", "root"):
        log_in(held, name)
        for method, path, data in asked:
            status = held.request(method, path, data=data).status_code
            if name is None:
                assert status == 303, path
            elif name == "ada":
                assert status == 403, path
            else:
                assert status in (200, 303, 409), (name, path)
    assert head(held).author != "ada"


def test_page_has_the_text_and_unknown_questions_are_not_found(held: TestClient) -> None:
    page = held.get(f"{AT}/edit")
    assert page.status_code == 200
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    assert f"id: {QUESTION}" in page.text
    assert held.get("/admin/questions/no-such-question/edit").status_code == 404


def test_check_finds_a_fault_at_its_line_in_json_and_as_a_fragment(held: TestClient) -> None:
    yaml = text_in_folder(held, QUESTION).replace("difficulty:", "dificulty:")
    line = 1 + next(n for n, it in enumerate(yaml.splitlines()) if it.startswith("dificulty:"))
    found = held.post(f"{AT}/check", data=form(yaml), headers={"accept": "application/json"}).json()["findings"]
    assert any(it["line"] == line and "dificulty" in it["message"] for it in found)
    fragment = held.post(f"{AT}/check", data=form(yaml)).text
    assert f'data-line="{line}"' in fragment
    assert held.post(f"{AT}/check", data=form("")).status_code == 200


def test_saving_as_draft_adds_a_revision_that_learners_do_not_see(held: TestClient) -> None:
    before = services(held).bank.questions[QUESTION].hash
    yaml = text_in_folder(held, QUESTION) + "# looked through\n"
    saved = held.post(f"{AT}/edit", data=form(yaml, action="draft", note="looked through"))
    assert (saved.status_code, saved.headers["location"]) == (303, f"{AT}/edit?saved=2&show=yaml")
    made = head(held)
    assert (made.number, made.status, made.author, made.note) == (2, "draft", "eve", "looked through")
    assert "# looked through" in made.yaml
    assert services(held).bank.questions[QUESTION].hash == before
    with services(held).db.read() as connection:
        known = revisions.head(connection, QUESTION)
    assert known
    assert known.published_number == 1


def test_saving_the_same_text_again_adds_no_revision(held: TestClient) -> None:
    yaml = text_in_folder(held, QUESTION)
    held.post(f"{AT}/edit", data=form(yaml, action="draft"))
    assert head(held).number == 1
    yaml += "# new\n"
    held.post(f"{AT}/edit", data=form(yaml, action="draft"))
    held.post(f"{AT}/edit", data=form(yaml, base=2, action="draft"))
    assert head(held).number == 2


def test_unreadable_text_is_saved_as_a_draft_but_not_as_ready(held: TestClient) -> None:
    yaml = f"id: {QUESTION}\nkind: [\n"
    refused = held.post(f"{AT}/edit", data=form(yaml, action="ready"))
    assert refused.status_code == 422
    assert "kind: [" in refused.text
    assert head(held).number == 1
    assert held.post(f"{AT}/edit", data=form(yaml, action="draft")).status_code == 303
    assert head(held).hash is None


def test_publish_saves_as_ready_and_goes_on_to_the_publish_page(held: TestClient) -> None:
    yaml = text_in_folder(held, QUESTION) + "# new\n"
    answer = held.post(f"{AT}/edit", data=form(yaml, action="publish"))
    assert answer.headers["location"].startswith(f"{AT}/publish?run=")
    assert head(held).status == "ready"


def test_question_keeps_its_name(held: TestClient) -> None:
    yaml = with_id(text_in_folder(held, QUESTION), "another-name")
    assert held.post(f"{AT}/edit", data=form(yaml, action="draft")).status_code == 422
    assert head(held).number == 1


@pytest.mark.parametrize("yaml", ["x" * (MAX_TEXT_BYTES + 1), "id: a\0b\n"])
def test_text_that_cannot_be_kept_is_refused(held: TestClient, yaml: str) -> None:
    for method, path in (("PUT", "draft"), ("POST", "edit"), ("POST", "check"), ("POST", "preview")):
        assert held.request(method, f"{AT}/{path}", data=form(yaml)).status_code in (413, 422), path
    assert head(held).number == 1


def test_draft_is_ones_own_comes_back_and_can_be_discarded(held: TestClient) -> None:
    yaml = text_in_folder(held, QUESTION) + "# half a thought\n"
    kept = held.put(f"{AT}/draft", data=form(yaml))
    assert kept.json()["saved_at"]
    page = held.get(f"{AT}/edit").text
    assert "# half a thought" in page
    assert "Your unsaved draft of" in page
    log_in(held, "ernie")
    assert "# half a thought" not in held.get(f"{AT}/edit").text
    log_in(held, "eve")
    assert held.post(f"{AT}/discard").status_code == 303
    assert "# half a thought" not in held.get(f"{AT}/edit").text


def test_draft_sent_after_its_own_save_is_not_kept(held: TestClient) -> None:
    yaml = text_in_folder(held, QUESTION) + "# more\n"
    held.post(f"{AT}/edit", data=form(yaml, action="draft"))
    held.put(f"{AT}/draft", data=form(yaml))
    assert "Your unsaved draft of" not in held.get(f"{AT}/edit").text


def test_two_editors_meet_on_the_conflict_page_and_both_edits_survive(held: TestClient) -> None:
    base = text_in_folder(held, QUESTION)
    mine = base.replace("difficulty: ", "difficulty:  ", 1) + "# mine\n"
    theirs = f"# theirs\n{base}"
    log_in(held, "ernie")
    assert held.post(f"{AT}/edit", data=form(theirs, action="draft")).status_code == 303
    log_in(held, "eve")
    page = held.post(f"{AT}/edit", data=form(mine, action="draft", note="my note"))
    assert page.status_code == 409
    merged = textarea(page.text)
    assert "# theirs" in merged
    assert "# mine" in merged
    assert "ernie" in page.text
    assert head(held).number == 2
    assert "# mine" in held.get(f"{AT}/edit").text, "what was sent is kept as a draft"
    assert held.post(f"{AT}/edit", data=form(merged, base=2, action="draft")).status_code == 303
    assert head(held).number == 3
    assert "# theirs" in head(held).yaml
    assert "# mine" in head(held).yaml


def test_conflict_in_one_place_is_marked_and_not_saved_with_its_marks(held: TestClient) -> None:
    base = text_in_folder(held, QUESTION)
    log_in(held, "ernie")
    held.post(f"{AT}/edit", data=form(base.replace("minutes: ", "minutes: 1", 1), action="draft"))
    log_in(held, "eve")
    page = held.post(f"{AT}/edit", data=form(base.replace("minutes: ", "minutes: 2", 1), action="draft"))
    merged = textarea(page.text)
    assert "<<<<<<< mine" in merged
    refused = held.post(f"{AT}/edit", data=form(merged, base=2, action="draft"))
    assert refused.status_code == 422
    assert "&lt;&lt;&lt;&lt;&lt;&lt;&lt; mine" in refused.text
    assert head(held).number == 2


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("side", ["question", "answer", "wrong"])
def test_preview_shows_what_a_learner_sees(held: TestClient, lang: str, side: str) -> None:
    yaml = text_in_folder(held, QUESTION)
    shown = held.post(f"{AT}/preview", data=form(yaml, preview_lang=lang, side=side, preview_theme="dark"))
    assert shown.status_code == 200
    outline = Outline(shown.text)
    assert outline.faults == []
    assert outline.all("html")[0] == {"lang": lang, "data-theme": "dark"}
    assert ("verdict" in shown.text) == (side != "question")
    assert ("is-wrong" in shown.text) == (side == "wrong")


def test_preview_of_a_coding_question_has_the_example_that_its_learner_gets(held: TestClient) -> None:
    example = held.get("/code/iou/example").text
    assert '<figure class="example">' in example
    revised(held, "iou")
    yaml = text_in_folder(held, "iou")
    shown = held.post("/admin/questions/iou/preview", data=form(yaml, preview_lang="en")).text
    assert "\n".join(lines(example)) in "\n".join(lines(shown))
    assert "hx-get" not in shown


def test_edit_page_and_preview_offer_the_wrong_answers_by_what_they_say(held: TestClient) -> None:
    page = held.get(f"{AT}/edit").text
    offered = page.partition('id="preview-pick"')[2].partition("</select>")[0]
    assert 'value="option-' in offered
    yaml = text_in_folder(held, QUESTION)
    shown = held.post(f"{AT}/preview", data=form(yaml, side="wrong")).text
    assert "\n".join(lines(offered.partition(">")[2])) in "\n".join(lines(shown))


def test_picked_wrong_answer_is_shown_as_chosen_for_every_draw(held: TestClient) -> None:
    yaml = text_in_folder(held, QUESTION)
    offered = dict(re.findall(r'value="(option-\d)">([^<]+)', held.get(f"{AT}/edit").text))
    assert len(offered) > 1
    for pick in offered:
        for seed in ("0", "1", "2"):
            told = form(yaml, side="wrong", pick=pick, seed=seed)
            shown = held.post(f"{AT}/preview", data=told).text
            says = unescape(offered[pick])
            chosen = shown.partition("wrong, and you chose it")[2].partition('class="why')[0]
            assert says[:40] in unescape(re.sub("<[^>]+>", "", chosen))
    gone = held.post(f"{AT}/preview", data=form(yaml, side="wrong", pick="option-99"))
    assert "wrong, and you chose it" in gone.text


def test_wrong_solution_is_shown_with_the_results_of_a_learner_who_sent_it(held: TestClient) -> None:
    revised(held, "iou")
    yaml = text_in_folder(held, "iou")
    page = held.get("/admin/questions/iou/edit").text
    pick = re.findall(r'value="(solution-[\w-]+)"', page)[-1]
    shown = held.post("/admin/questions/iou/preview", data=form(yaml, side="wrong", pick=pick)).text
    assert 'class="verdict is-wrong"' in shown
    assert "First failing case" in shown
    assert "Hidden case. Its input shows after" in shown


def test_wrong_solution_that_is_not_run_in_time_is_told(held: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    revised(held, "iou")
    monkeypatch.setattr(tryouts, "PATIENCE_S", -1.0)
    told = form(text_in_folder(held, "iou"), side="wrong")
    shown = held.post("/admin/questions/iou/preview", data=told)
    assert shown.status_code == 200
    assert "could not be run just now" in shown.text


def lines(html: str) -> list[str]:
    return [line.strip() for line in html.splitlines() if line.strip()]


def test_preview_may_be_framed_by_us_alone_and_runs_nothing(held: TestClient) -> None:
    policy = held.get(f"{AT}/preview").headers["content-security-policy"]
    for part in ("frame-ancestors 'self'", "script-src 'none'", "form-action 'none'", "sandbox allow-same-origin"):
        assert part in policy
    assert "allow-scripts" not in policy


def test_preview_of_an_unreadable_text_tells_its_faults(held: TestClient) -> None:
    shown = held.post(f"{AT}/preview", data=form(f"id: {QUESTION}\nkind: [\n"))
    assert 'data-preview="broken"' in shown.text
    assert 'data-line="' in shown.text


def textarea(page: str) -> str:
    """What stands in the page's text area."""
    return unescape(page.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0]).lstrip("\n")
