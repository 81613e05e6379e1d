"""Texts on their way through the editor: the one that was sent, or that stands on one's desk, and what it says."""

from __future__ import annotations

from app.accounts.models import Role
from app.authoring import desk
from app.authoring.desk import Desk, Writing
from app.authoring.single import Single, read_single, tidy
from app.web.editor_forms import Posted, writing
from app.web.services import Visit


def found(visit: Visit, question_id: str) -> Desk:
    """The question as this editor finds it."""
    visit.require(Role.editor)
    with visit.read() as connection:
        return desk.opened(connection, visit.me.id, question_id)


def sent(visit: Visit, question_id: str, form: Posted) -> tuple[Desk, Writing]:
    """The question that was sent for, and the text that was sent. Raises Invalid, TooLarge."""
    there = found(visit, question_id)
    text = writing(form, question_id, there.topic_id)
    desk.within_limits(text.yaml)
    return there, text


def standing(there: Desk) -> Writing:
    """The text on the desk."""
    return Writing(there.question_id, there.topic_id, there.base_number, there.yaml)


def read(visit: Visit, text: Writing) -> Single:
    bank = visit.services.bank
    return read_single(tidy(text.yaml), desk.topic_of(bank, text.topic_id), bank)
