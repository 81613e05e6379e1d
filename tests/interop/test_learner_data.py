import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.interop.learner_data import (
    CardRecord,
    DraftRecord,
    LearnerExport,
    LearnerSettings,
    ReviewRecord,
    SubmissionRecord,
    UnreadableExportError,
    export_data,
    import_data,
)
from app.scheduling.days import study_day
from app.scheduling.schedule import Settings, review

NOW = datetime(2026, 3, 10, 12, 30, 15, 123456, tzinfo=UTC)
ZONE = "Asia/Shanghai"


def learner() -> LearnerExport:
    reviews, memory = [], None
    for rating, days in ((3, 0), (1, 3), (3, 3)):
        now = NOW + timedelta(days=days)
        reviewed = review(memory, rating, now, ZONE, Settings(), "iou-definition")
        reviews.append(
            ReviewRecord(
                question_id="iou-definition",
                rating=rating,
                suggested_rating=None if rating == 1 else 3,
                reviewed_at=now,
                zone=ZONE,
                study_day=study_day(now, ZONE),
                question_hash="c0ffee",
                seed=2**31 - 1,
                answer={"blanks": {"axes": "N、H、W"}, "points": [0, 2]},
                correct=rating > 1,
                score=1 / 3,
                seconds=12.5,
                interval_days=reviewed.interval_days,
                memory_before=memory,
                memory_after=reviewed.memory,
                leech_before=False,
                undone_at=now if days == 0 else None,
            )
        )
        memory = reviewed.memory
    flags = {"suspended": False, "flagged": True, "leech": False, "buried_until_day": 0, "created_at": NOW}
    return LearnerExport(
        exported_at=NOW,
        settings=LearnerSettings(
            language="zh", zone=ZONE, theme="auto", shortcuts=False, new_per_day=12, reviews_per_day=0
        ),
        cards=(
            CardRecord(question_id="iou-definition", meaning_hash="abc", memory=memory, **flags),
            CardRecord(question_id="nms", meaning_hash="def", memory=None, **flags),
        ),
        reviews=tuple(reviews),
        drafts=(
            DraftRecord(question_id="nms", code="def nms():\n\t…", saved_at=NOW, hints_shown=1, revealed=False),
            DraftRecord(question_id="iou", code=None, saved_at=None, hints_shown=0, revealed=True),
        ),
        submissions=(
            SubmissionRecord(
                question_id="nms",
                question_hash="d00d",
                code="def nms(): ...",
                mode="submit",
                seed=7,
                verdict="wrong_answer",
                report={"cases": [{"name": "a", "wall_ms": 1.5, "hidden": True, "message": None}]},
                created_at=NOW,
                finished_at=NOW,
            ),
        ),
    )


def plain() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(export_data(learner()))
    return document


def test_what_is_exported_comes_back_whole() -> None:
    assert import_data(export_data(learner())) == learner()
    assert export_data(import_data(export_data(learner()))) == export_data(learner())


def test_a_byte_order_is_no_matter_and_text_stays_readable() -> None:
    text = export_data(learner())
    assert "N、H、W" in text
    assert import_data(text.encode()) == learner()


def test_the_document_names_its_version() -> None:
    assert plain()["version"] == 1


def test_times_are_kept_in_utc_whatever_their_offset() -> None:
    document = plain()
    document["exported_at"] = "2026-03-10T20:30:15.123456+08:00"
    assert import_data(json.dumps(document)).exported_at == NOW


def test_a_newer_version_is_refused_by_name() -> None:
    with pytest.raises(UnreadableExportError, match=r"format version 2.*update"):
        import_data(json.dumps(plain() | {"version": 2, "badges": []}))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"version": "x"}', b"\xff\xfe", b"PK\x03\x04"])
def test_another_file_is_refused(text: str | bytes) -> None:
    with pytest.raises(UnreadableExportError, match="no export"):
        import_data(text)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("settings", "zone"), "Mars/Olympus", "settings.zone: .*not a time zone"),
        (("settings", "new_per_day"), -1, "settings.new_per_day"),
        (("settings", "shortcuts"), 1, "settings.shortcuts"),
        (("cards", 0, "memory", "stability_days"), 0, "stability_days must be positive"),
        (("cards", 0, "memory", "state"), "asleep", "cards.0.memory.state"),
        (("cards", 0, "memory", "state"), "new", "never 'new'"),
        (("cards", 0, "memory", "due_day"), 10**9, "study days"),
        (("cards", 0, "question_id"), "../etc", "cards.0.question_id"),
        (("cards", 1, "question_id"), "iou-definition", "same question"),
        (("cards", 1, "is_admin"), True, "cards.1.is_admin"),
        (("reviews", 1, "rating"), 5, "reviews.1.rating"),
        (("reviews", 1, "reviewed_at"), "2026-03-10T12:00:00", "timezone"),
        (("reviews", 1, "seconds"), -3, "reviews.1.seconds"),
        (("reviews", 1, "question_id"), "never-met", "'never-met', which has no card"),
        (("drafts", 1, "question_id"), "nms", "two drafts"),
        (("submissions", 0, "mode"), "cheat", "submissions.0.mode"),
    ],
)
def test_a_damaged_document_is_refused_whole_and_the_place_is_named(
    path: tuple[str | int, ...], value: object, message: str
) -> None:
    document = plain()
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(UnreadableExportError, match=message):
        import_data(json.dumps(document))


def test_many_faults_are_counted_not_all_listed() -> None:
    document = plain()
    document["settings"] = {}
    with pytest.raises(UnreadableExportError, match="and 1 more"):
        import_data(json.dumps(document))
