"""A practice session: start, show, answer, rate, undo, put off, finish.

Every function is one step of one transaction that the caller commits. An item is answered once and rated once, whatever
two tabs or a stale form send; a second try raises Conflict and changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, bindparam, delete, func, insert, select, update

from app.bank.catalog import Bank, Entry
from app.errors import N_, Conflict, Invalid, NotFound, TooLarge
from app.grading.answers import grade_answer
from app.grading.outcome import MalformedAnswer, Outcome, suggest_rating
from app.practice.frozen import asked_entry
from app.practice.models import ItemState, PracticeItem, PracticeSession
from app.practice.today import Choice, Person, today
from app.scheduling import store
from app.scheduling.days import study_day
from app.scheduling.schedule import Memory, Reviewed, Settings, State, review, turns_leech
from app.scheduling.store import memory_of

sessions: Table = PracticeSession.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it
items: Table = PracticeItem.__table__  # type: ignore[attr-defined]  # as above

SEEDS = 2**31
MAX_ITEMS = 500  # of a session; what is beyond stays due
MAX_ANSWER_CHARS = 64 * 1024
SCHEDULE = Settings()
FRESH: Mapping[str, Any] = {
    "answer": None,
    "correct": None,
    "score": None,
    "hinted": False,
    "suggested_rating": None,
    "seconds": None,
    "answered_at": None,
    "review_id": None,
    "followed_by": None,
}
RECORDED = (
    "state", "answer", "correct", "score", "hinted", "suggested_rating", "seconds", "answered_at", "question_hash",
)  # fmt: skip
_TURN = (
    select(
        *(
            items.c[name]
            for name in ("session_id", "position", "seed", "relearning", "not_before", "question_hash", *FRESH)
        ),
        items.c.id.label("item_id"),
        items.c.state.label("item_state"),
        store.reviews.c.rating,
        *(column for column in store.cards.c if column.name not in {"created_at", "account_id"}),
    )
    .join(sessions, sessions.c.id == items.c.session_id)
    .join(store.cards, store.cards.c.id == items.c.card_id)
    .join(store.reviews, store.reviews.c.id == items.c.review_id, isouter=True)
)
LEFT = (ItemState.waiting, ItemState.answered)
# Built once: making a statement costs more than running it.
_TURN_OF_CARD = (
    _TURN.where(items.c.card_id == bindparam("card_id"), sessions.c.account_id == bindparam("account_id"))
    .order_by(sessions.c.finished_at.is_(None).desc(), items.c.id.desc())
    .limit(1)
)
_RECORD = (
    update(items)
    .where(items.c.id == bindparam("item_id"))
    .values({name: bindparam(f"new_{name}") for name in RECORDED})
)


@dataclass(frozen=True)
class Turn:
    """One card's turn: the item, its card and the memory before it. What follows `leech` is None until answered.

    `question_hash` is of the version that the session asks, None in sessions of before that was kept.
    """

    item_id: int
    session_id: int
    position: int
    seed: int
    state: ItemState
    relearning: bool
    not_before: datetime | None
    card_id: int
    question_id: str
    question_hash: str | None
    memory: Memory | None
    flagged: bool
    leech: bool
    answer: dict[str, Any] | None
    correct: bool | None
    score: float | None
    suggested_rating: int | None
    seconds: float | None
    rating: int | None


@dataclass(frozen=True)
class Session:
    """A session with its turns in order."""

    id: int
    started_at: datetime
    finished_at: datetime | None
    turns: tuple[Turn, ...]

    @property
    def rated(self) -> list[Turn]:
        return [turn for turn in self.turns if turn.state is ItemState.rated]

    @property
    def total(self) -> int:
        return sum(turn.state is not ItemState.dropped for turn in self.turns)

    def current(self, bank: Bank, now: datetime) -> Turn | None:
        """The card to show: an answered one that waits for its rating, else the next ready, else one to learn ahead."""
        left = [turn for turn in self.turns if turn.state in LEFT]
        left = [turn for turn in left if _is_asked(bank, turn)]
        ready = [turn for turn in left if turn.not_before is None or turn.not_before <= now]
        answered = [turn for turn in left if turn.state is ItemState.answered]
        return next(iter([*answered, *ready, *left]), None)


def start(
    connection: Connection,
    bank: Bank,
    person: Person,
    choice: Choice,
    limit: int | None,
    now: datetime,
    rng: Random,
    available: Callable[[Entry], bool],
) -> int | None:
    """A new session over what is due and new, at most `limit` items; its id, or None if there is nothing to do.

    Sessions left open are finished first: what they still held is in the new one if it is due.
    """
    most = min(limit or MAX_ITEMS, MAX_ITEMS)
    names = today(connection, bank, person, choice, now, available, most).question_ids()[:most]
    if not names:
        return None
    _close_all(connection, person.id, now)
    meaning_of = {name: bank.questions[name].meaning_hash for name in names}
    card_ids = store.ensure_cards(connection, person.id, meaning_of, now)
    made = insert(sessions).values(account_id=person.id, started_at=now, finished_at=None).returning(sessions.c.id)
    session_id: int = connection.execute(made).scalar_one()
    blank = PracticeItem(session_id=session_id, position=0, card_id=0, seed=0).model_dump(exclude={"id"})
    rows = [
        blank
        | {"position": position, "card_id": card_ids[name], "seed": rng.randrange(SEEDS)}
        | {"question_hash": bank.questions[name].hash}  # the session keeps to this version
        for position, name in enumerate(names, start=1)
    ]
    connection.execute(insert(items), rows)
    return session_id


def load(connection: Connection, account_id: int, session_id: int) -> Session:
    """The learner's session; NotFound if it is not theirs."""
    row = connection.execute(
        select(sessions).where(sessions.c.id == session_id, sessions.c.account_id == account_id)
    ).first()
    if row is None:
        raise NotFound(N_("There is no such practice session."))
    query = _TURN.where(items.c.session_id == session_id).order_by(items.c.position)
    turns = tuple(_turn(item) for item in connection.execute(query).mappings())
    return Session(session_id, row.started_at, row.finished_at, turns)


def open_session(connection: Connection, bank: Bank, account_id: int, now: datetime) -> Session | None:
    """The session left unfinished, if any; one whose last questions left the bank since is over."""
    query = select(sessions.c.id).where(sessions.c.account_id == account_id, sessions.c.finished_at.is_(None))
    row = connection.execute(query.order_by(sessions.c.id.desc())).first()
    left = load(connection, account_id, row.id) if row else None
    return left if left and left.current(bank, now) else None


def turn_of(connection: Connection, account_id: int, card_id: int) -> Turn:
    """The card's turn in the open session; Conflict if its turn is over, NotFound if it never had one."""
    row = connection.execute(_TURN_OF_CARD, {"card_id": card_id, "account_id": account_id}).mappings().first()
    if row is None:
        raise NotFound(N_("This question is not in a practice session of yours."))
    turn = _turn(row)
    if turn.state not in LEFT:
        raise answered_already()
    return turn


def answered_already() -> Conflict:
    return Conflict(N_("This question was already answered, perhaps in another tab."))


def answer(
    connection: Connection,
    bank: Bank,
    turn: Turn,
    given: Mapping[str, Any],
    seconds: float,
    hinted: bool,
    now: datetime,
) -> tuple[Turn, Outcome]:
    """Grade what the learner gave and keep it until it is rated. Conflict if this turn was answered already.

    An open question may be answered again to score it against the rubric, and one that was changed so that the answer
    no longer fits it. MalformedAnswer, Invalid and TooLarge change nothing.
    """
    entry = entry_of(connection, bank, turn)
    awaits_rubric = entry.question.kind == "open" and turn.correct is None
    if turn.state is ItemState.answered and not awaits_rubric and outcome_of(entry, turn) is not None:
        raise answered_already()
    check_storable(given)
    if turn.answer is not None and entry.question.kind == "open":
        given = {**given, "text": turn.answer.get("text", "")}  # the answer was locked when the rubric was shown
    outcome = grade_answer(entry.question, turn.seed, given)
    seconds = _capped(turn.seconds if turn.seconds is not None else seconds, entry)
    answered = replace(
        turn,
        answer=dict(given),
        correct=outcome.correct,
        score=outcome.score,
        seconds=seconds,
        suggested_rating=suggest(outcome, seconds, entry, hinted),
    )
    return record(connection, answered, entry, hinted, now), outcome


def outcome_of(entry: Entry, turn: Turn) -> Outcome | None:
    """What the turn's answer is worth; None if there is none, or the question was changed and it no longer fits."""
    if turn.answer is None or entry.question.kind == "code":
        return None
    try:
        return grade_answer(entry.question, turn.seed, turn.answer)
    except MalformedAnswer:
        return None


def record(connection: Connection, answered: Turn, entry: Entry, hinted: bool, now: datetime) -> Turn:
    """Keep a turn's answer with its outcome, graded here or by the code grader."""
    answered = replace(answered, state=ItemState.answered)
    values = {
        "state": answered.state,
        "answer": answered.answer,
        "correct": answered.correct,
        "score": answered.score,
        "hinted": hinted,
        "suggested_rating": answered.suggested_rating,
        "seconds": answered.seconds,
        "answered_at": now,
        "question_hash": entry.hash,
    }
    connection.execute(_RECORD, {"item_id": answered.item_id} | {f"new_{name}": values[name] for name in RECORDED})
    return answered


def rate(connection: Connection, bank: Bank, person: Person, turn: Turn, rating: int, now: datetime) -> Reviewed:
    """Move the memory by the learner's rating, 1 to 4. Conflict unless the turn is answered and not yet rated."""
    if turn.state is not ItemState.answered:
        raise Conflict(N_("Answer the question before you rate it."))
    entry = entry_of(connection, bank, turn)
    before = turn.memory
    reviewed = review(before, rating, now, person.zone, SCHEDULE, card_key(turn.card_id))
    after = reviewed.memory
    review_id = store.save_review(
        connection,
        {
            "account_id": person.id,
            "card_id": turn.card_id,
            "item_id": turn.item_id,
            "rating": rating,
            "suggested_rating": turn.suggested_rating,
            "reviewed_at": now,
            "zone": person.zone,
            "study_day": study_day(now, person.zone),
            "question_hash": entry.hash,
            "seed": turn.seed,
            "answer": turn.answer,
            "correct": turn.correct,
            "score": turn.score,
            "seconds": turn.seconds or 0.0,
            "interval_days": reviewed.interval_days,
            "is_new": before is None,
            "was_review": before is not None and before.state is State.review,
            "memory_before": before.as_dict() if before else None,
            "leech_before": turn.leech,
            "undone_at": None,
        },
        after,
        leech=turn.leech or turns_leech(before, after),
    )
    if before is None and _means_another(bank, entry):
        store.forget(connection, turn.card_id)  # nothing is known yet of what the card asks from now on
    follower = None if after.state is State.review else _append(connection, turn, after, rng=Random(review_id))
    connection.execute(
        update(items)
        .where(items.c.id == turn.item_id)
        .values(state=ItemState.rated, review_id=review_id, followed_by=follower)
    )
    _finish_if_done(connection, turn.session_id, now)
    return reviewed


@dataclass(frozen=True)
class Undone:
    """A rating that was taken back, and the answer that it rated."""

    session_id: int
    question_id: str
    answer: Mapping[str, Any]


def undo(connection: Connection, account_id: int, session_id: int | None, now: datetime) -> Undone:
    """Take the last rating back, in one session or anywhere: memory, counts, the answer, all of it.

    The session goes on; another that was begun since is finished. Conflict if there is nothing to undo or the card was
    reviewed elsewhere since.
    """
    query = (
        select(items.c.id, items.c.session_id, items.c.review_id, items.c.followed_by, items.c.answer)
        .add_columns(store.cards.c.question_id)
        .join(sessions, sessions.c.id == items.c.session_id)
        .join(store.cards, store.cards.c.id == items.c.card_id)
        .where(sessions.c.account_id == account_id, items.c.review_id.is_not(None))
        .order_by(items.c.review_id.desc())
        .limit(1)
    )
    if session_id is not None:
        query = query.where(items.c.session_id == session_id)
    row = connection.execute(query).first()
    if row is None:
        raise Conflict(N_("There is no rating left to undo."))
    try:
        store.undo_review(connection, row.review_id, now)
    except ValueError:
        raise Conflict(N_("This question was reviewed again since; that review has to be undone first.")) from None
    if row.followed_by is not None:
        connection.execute(delete(items).where(items.c.id == row.followed_by))
    connection.execute(update(items).where(items.c.id == row.id).values(state=ItemState.waiting, **FRESH))
    _close_all(connection, account_id, now, but=row.session_id)
    connection.execute(update(sessions).where(sessions.c.id == row.session_id).values(finished_at=None))
    return Undone(row.session_id, row.question_id, row.answer or {})


def drop(connection: Connection, turn: Turn, now: datetime) -> None:
    """Leave a card out of the rest of its session."""
    connection.execute(
        update(items)
        .where(items.c.session_id == turn.session_id, items.c.card_id == turn.card_id, items.c.state.in_(LEFT))
        .values(state=ItemState.dropped)
    )
    _finish_if_done(connection, turn.session_id, now)


def bury(connection: Connection, person: Person, turn: Turn, now: datetime) -> None:
    """Put the card off until tomorrow."""
    store.set_flags(connection, turn.card_id, buried_until_day=study_day(now, person.zone) + 1)
    drop(connection, turn, now)


def suspend(connection: Connection, turn: Turn, now: datetime) -> None:
    """Ask this card no more until the learner takes it back."""
    store.set_flags(connection, turn.card_id, suspended=True)
    drop(connection, turn, now)


def finish(connection: Connection, account_id: int, session_id: int, now: datetime) -> None:
    """End the session; what was not answered stays due."""
    load(connection, account_id, session_id)
    _close(connection, session_id, now)


def entry_of(connection: Connection, bank: Bank, turn: Turn) -> Entry:
    """The question of the turn, as it was when the session began; NotFound if it left the bank or was retired since."""
    return asked_entry(connection, bank, turn.question_id, turn.question_hash)


def _is_asked(bank: Bank, turn: Turn) -> bool:
    entry = bank.questions.get(turn.question_id)
    return entry is not None and entry.is_published


def _means_another(bank: Bank, asked: Entry) -> bool:
    """Whether the question has come to mean something else since the session began."""
    return bank.questions[asked.question.id].meaning_hash != asked.meaning_hash


def card_key(card_id: int) -> str:
    """What seeds a card's fuzz."""
    return str(card_id)


def _turn(row: RowMapping) -> Turn:
    names = (
        "item_id", "session_id", "position", "seed", "relearning", "not_before", "question_id", "question_hash",
        "flagged", "leech",
    )  # fmt: skip
    answered = ("answer", "correct", "score", "suggested_rating", "seconds", "rating")
    return Turn(
        **{name: row[name] for name in (*names, *answered)},
        card_id=row["id"],
        state=ItemState(row["item_state"]),
        memory=memory_of(row),
    )


def _capped(seconds: float, entry: Entry) -> float:
    """Answer time, cut where the learner must have left the desk: three times the estimate, at least a minute."""
    return min(max(seconds, 0.0), max(60.0, 180.0 * entry.question.minutes))


def suggest(outcome: Outcome, seconds: float, entry: Entry, hinted: bool) -> int | None:
    """The rating that an answer of that worth suggests."""
    slow_after_s = 120.0 * entry.question.minutes  # twice the estimate, until there are enough answers for a percentile
    return suggest_rating(outcome, seconds, slow_after_s, hinted)


def _append(connection: Connection, turn: Turn, memory: Memory, rng: Random) -> int:
    """The forgotten card comes back in this session, with fresh parameters."""
    last = connection.execute(
        select(func.max(items.c.position)).where(items.c.session_id == turn.session_id)
    ).scalar_one()
    row = PracticeItem(
        session_id=turn.session_id,
        position=last + 1,
        card_id=turn.card_id,
        seed=rng.randrange(SEEDS),
        relearning=True,
        not_before=memory.due_at,
        question_hash=turn.question_hash,
    )
    made = insert(items).values(row.model_dump(exclude={"id"})).returning(items.c.id)
    item_id: int = connection.execute(made).scalar_one()
    return item_id


def _finish_if_done(connection: Connection, session_id: int, now: datetime) -> None:
    left = select(items.c.id).where(items.c.session_id == session_id, items.c.state.in_(LEFT))
    if connection.execute(left.limit(1)).first() is None:
        connection.execute(update(sessions).where(sessions.c.id == session_id).values(finished_at=now))


def check_storable(given: Mapping[str, Any]) -> None:
    """Refuse what the database, a page or an export could not carry: NaN, half characters, or far too much."""
    try:
        text = json.dumps(given, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, RecursionError):  # UnicodeEncodeError is a ValueError
        raise Invalid(N_("The answer holds something that cannot be kept as text.")) from None
    if len(text) > MAX_ANSWER_CHARS:
        raise TooLarge(N_("The answer is too long."))


def _close_all(connection: Connection, account_id: int, now: datetime, but: int | None = None) -> None:
    query = select(sessions.c.id).where(sessions.c.account_id == account_id, sessions.c.finished_at.is_(None))
    for row in connection.execute(query).all():
        if row.id != but:
            _close(connection, row.id, now)


def _close(connection: Connection, session_id: int, now: datetime) -> None:
    connection.execute(
        update(items).where(items.c.session_id == session_id, items.c.state.in_(LEFT)).values(state=ItemState.dropped)
    )
    connection.execute(
        update(sessions).where(sessions.c.id == session_id, sessions.c.finished_at.is_(None)).values(finished_at=now)
    )
