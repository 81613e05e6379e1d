"""Views of reports: the form under a question, the inbox's rows, one report with the question as it was seen."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, RowMapping

from app.authoring import reports
from app.authoring.reports import About, ReportOutcome
from app.bank.catalog import Entry
from app.bank.present import present, reveal, title
from app.bank.schema import Lang
from app.errors import N_
from app.practice.frozen import frozen_question
from app.web import wording
from app.web.i18n import NAMES
from app.web.report_views import AnsweredView, ReportRow, ReportView, SeenQuestion
from app.web.services import Visit
from app.web.views import Choice, ReportFormView

ABOUTS = {
    About.key: N_("The answer looks wrong"),
    About.unclear: N_("Unclear"),
    About.translation: N_("Translation"),
    About.typo: N_("Typing error"),
    About.display: N_("Display"),
    About.other: N_("Something else"),
}
OUTCOMES = {
    ReportOutcome.mended: N_("Mended"),
    ReportOutcome.not_a_fault: N_("Not a fault"),
    ReportOutcome.duplicate: N_("Reported before"),
}
EXCERPT = 160


def report_form(
    visit: Visit,
    entry: Entry,
    seed: int,
    back: str,
    *,
    question_hash: str | None = None,
    about: str = "",
    text: str = "",
    error: str | None = None,
) -> ReportFormView:
    """The form for a question as it stands, or as it stood under `question_hash`."""
    name = entry.question.id
    return ReportFormView(
        question_id=name,
        action=f"/q/{name}/report",
        hash=question_hash or entry.hash,
        seed=seed,
        lang=visit.lang,
        abouts=[Choice(it, visit.words.gettext(label), it == about) for it, label in ABOUTS.items()],
        text=text,
        error=error,
        back=back,
        most=reports.MAX_TEXT,
    )


def about_label(visit: Visit, about: str) -> str:
    return visit.words.gettext(ABOUTS[About(about)])


def title_of(visit: Visit, question_id: str) -> str:
    """The question's title, or its name once it left the bank."""
    entry = visit.services.bank.questions.get(question_id)
    return title(entry, visit.lang) if entry else question_id


def report_row(visit: Visit, row: RowMapping) -> ReportRow:
    entry = visit.services.bank.questions.get(row["question_id"])
    text = " ".join(row["text"].split())
    return ReportRow(
        id=row["id"],
        question_id=row["question_id"],
        title=title_of(visit, row["question_id"]),
        topic_title=entry.topic.title.in_(visit.lang) if entry else None,
        about_label=about_label(visit, row["about"]),
        excerpt=text if len(text) <= EXCERPT else text[:EXCERPT].rstrip() + "…",
        lang=row["lang"],
        when_label=wording.moment(row["created_at"], visit.zone, visit.words),
        outcome_label=_outcome(visit, row["outcome"]) if row["closed_at"] else None,
    )


def report_view(
    visit: Visit,
    connection: Connection,
    row: RowMapping,
    *,
    outcome: str | None = None,
    reply: str | None = None,
    error: str | None = None,
) -> ReportView:
    """One report. `outcome` and `reply` show again what was chosen and written."""
    name, lang = row["question_id"], row["lang"]
    chosen = outcome or row["outcome"]
    is_open = row["closed_at"] is None
    return ReportView(
        id=row["id"],
        question_id=name,
        title=title_of(visit, name),
        in_bank=name in visit.services.bank.questions,
        about_label=about_label(visit, row["about"]),
        text=row["text"],
        reporter=row["reporter"],
        when_label=wording.moment(row["created_at"], visit.zone, visit.words),
        lang=lang,
        lang_label=NAMES[lang],
        seed=row["seed"],
        version=row["question_hash"][:8],
        seen=_seen(visit, connection, row),
        others=reports.open_count(connection, name) - is_open,
        answered=None if is_open else _answered(visit, row),
        outcomes=[Choice(it, visit.words.gettext(label), it == chosen) for it, label in OUTCOMES.items()],
        reply=reply if reply is not None else row["reply"] or "",
        error=error,
        most=reports.MAX_TEXT,
    )


def _answered(visit: Visit, row: RowMapping) -> AnsweredView:
    when = wording.moment(row["closed_at"], visit.zone, visit.words)
    return AnsweredView(when, row["closed_by"] or "", _outcome(visit, row["outcome"]), row["reply"])


def _outcome(visit: Visit, outcome: str) -> str:
    return visit.words.gettext(OUTCOMES[ReportOutcome(outcome)])


def _seen(visit: Visit, connection: Connection, row: RowMapping) -> SeenQuestion | None:
    """The question as the learner saw it; None if that version was not kept."""
    entry = _version(visit, connection, row["question_id"], row["question_hash"])
    if entry is None:
        return None
    lang: Lang = row["lang"]
    seed = row["seed"]
    current = visit.services.bank.questions.get(row["question_id"])
    is_current = current is not None and current.hash == row["question_hash"]
    return SeenQuestion(present(entry, lang, seed), reveal(entry, lang, seed), is_current)


def _version(visit: Visit, connection: Connection, question_id: str, question_hash: str) -> Entry | None:
    """A version of a question: the bank's, or one that was kept under its hash.

    The hash comes from the learner's form: a kept question of another name is not what was reported.
    """
    bank = visit.services.bank
    current = bank.questions.get(question_id)
    if current is not None and current.hash == question_hash:
        return current
    kept = frozen_question(connection, question_hash)
    if kept is None or kept.id != question_id:
        return None
    topic = current.topic if current else next(iter(bank.topics.values()))
    return Entry(kept, topic, bank.area(topic.area), Path(), 0)
