"""Cards and reviews in the database, by SQLAlchemy Core. Decides nothing: `schedule` and `plan` do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, Table, and_, func, insert, or_, select, update

from app.scheduling.models import Card, Review
from app.scheduling.plan import DueCard
from app.scheduling.schedule import Memory, State

cards: Table = Card.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it
reviews: Table = Review.__table__  # type: ignore[attr-defined]  # as above

NO_MEMORY: Mapping[str, None] = dict.fromkeys(Memory.__dataclass_fields__)


@dataclass(frozen=True)
class CardRow:
    """One card as the database has it. `memory` is None while the question is new to the learner."""

    id: int
    question_id: str
    memory: Memory | None
    suspended: bool
    flagged: bool
    leech: bool
    buried_until_day: int


@dataclass(frozen=True)
class DayCounts:
    """What a study day has brought: reviews of cards in `review`, new cards, and the cards answered, in order."""

    new: int
    reviews: int
    answered: tuple[tuple[str, bool], ...]  # (question id, was new)


class Recollection(NamedTuple):
    """What a look over all cards needs of one.

    One without a memory (`state` None; what else is told of the memory means nothing then) is suspended or put off.
    """

    question_id: str
    state: str | None
    stability_days: float
    last_day: int
    lapses: int
    is_due: bool
    suspended: bool


def memory_of(row: RowMapping) -> Memory | None:
    """The memory in a row that has the card's columns."""
    if row["state"] is None:
        return None
    return Memory(**{name: row[name] for name in Memory.__dataclass_fields__} | {"state": State(row["state"])})


def card_of_question(connection: Connection, account_id: int, question_id: str) -> CardRow | None:
    query = select(cards).where(cards.c.account_id == account_id, cards.c.question_id == question_id)
    row = connection.execute(query).mappings().first()
    return _card(row) if row else None


def _card(row: RowMapping) -> CardRow:
    names = ("id", "question_id", "suspended", "flagged", "leech", "buried_until_day")
    return CardRow(memory=memory_of(row), **{name: row[name] for name in names})


def ensure_cards(
    connection: Connection, account_id: int, meaning_of: Mapping[str, str], now: datetime
) -> dict[str, int]:
    """Card ids by question id, making the cards that are not there. `meaning_of`: meaning hash by question id."""
    query = select(cards.c.question_id, cards.c.id).where(
        cards.c.account_id == account_id, cards.c.question_id.in_(list(meaning_of))
    )
    known = {row.question_id: row.id for row in connection.execute(query)}
    missing = [question_id for question_id in meaning_of if question_id not in known]
    if missing:
        blank = Card(account_id=account_id, question_id="", meaning_hash="", created_at=now).model_dump(exclude={"id"})
        rows = [blank | {"question_id": name, "meaning_hash": meaning_of[name]} for name in missing]
        connection.execute(insert(cards), rows)
        known |= {row.question_id: row.id for row in connection.execute(query)}
    return known


def due(connection: Connection, account_id: int, today: int) -> list[tuple[str, DueCard]]:
    """(question id, card) of every card with a memory that is due by the end of study day `today`, but buried ones.

    Cards being (re)learned are due whatever their day: after a journey westward it may still lie ahead.
    """
    names = ("question_id", "id", "state", "stability_days", "last_day", "due_day", "due_at")
    query = select(*(cards.c[name] for name in names)).where(
        cards.c.account_id == account_id,
        or_(cards.c.due_day <= today, cards.c.state.in_([State.learning, State.relearning])),
        cards.c.suspended.is_(False),
        cards.c.buried_until_day <= today,
    )
    return [
        (row.question_id, DueCard(row.id, State(row.state), row.stability_days, row.last_day, row.due_day, row.due_at))
        for row in connection.execute(query)
    ]


def recollections(connection: Connection, account_id: int, now: datetime, today: int) -> list[Recollection]:
    """Every card of the learner that has a memory or must not be introduced; one query, cheap for thousands."""
    is_due = or_(
        and_(cards.c.state == State.review, cards.c.due_day <= today),
        and_(cards.c.state != State.review, cards.c.due_at <= now),
    )
    put_off = cards.c.buried_until_day > today
    query = select(
        cards.c.question_id,
        cards.c.state,
        cards.c.stability_days,
        cards.c.last_day,
        cards.c.lapses,
        and_(is_due, put_off.is_(False)),
        cards.c.suspended,
    ).where(cards.c.account_id == account_id, or_(cards.c.state.is_not(None), cards.c.suspended.is_(True), put_off))
    return list(map(Recollection._make, connection.execute(query)))


def day_counts(connection: Connection, account_id: int, day: int) -> DayCounts:
    """What study day `day` has brought, undone reviews left out."""
    query = (
        select(cards.c.question_id, reviews.c.is_new, reviews.c.was_review)
        .join(cards, cards.c.id == reviews.c.card_id)
        .where(reviews.c.account_id == account_id, reviews.c.study_day == day, reviews.c.undone_at.is_(None))
        .order_by(reviews.c.id)
    )
    rows = list(connection.execute(query))
    return DayCounts(
        new=sum(row.is_new for row in rows),
        reviews=sum(row.was_review for row in rows),
        answered=tuple((row.question_id, row.is_new) for row in rows),
    )


def next_due_at(connection: Connection, account_id: int) -> datetime | None:
    """When the first card comes due, of those not suspended."""
    query = select(func.min(cards.c.due_at)).where(cards.c.account_id == account_id, cards.c.suspended.is_(False))
    return connection.execute(query).scalar()


def last_rated_at(connection: Connection, account_id: int, question_id: str) -> datetime | None:
    """When the learner last rated a question, ratings taken back left out."""
    query = (
        select(func.max(reviews.c.reviewed_at))
        .join(cards, cards.c.id == reviews.c.card_id)
        .where(cards.c.account_id == account_id, cards.c.question_id == question_id, reviews.c.undone_at.is_(None))
    )
    return connection.execute(query).scalar()


def save_review(connection: Connection, review: Mapping[str, Any], memory: Memory, *, leech: bool) -> int:
    """Store a review and the memory it made; the review's id. `review` has `Review`'s other fields."""
    made = insert(reviews).values(memory_after=memory.as_dict(), **review).returning(reviews.c.id)
    review_id: int = connection.execute(made).scalar_one()
    connection.execute(
        update(cards).where(cards.c.id == review["card_id"]).values(**asdict(memory), leech=leech, buried_until_day=0)
    )
    return review_id


def undo_review(connection: Connection, review_id: int, now: datetime) -> bool:
    """Put the card back as it was before the review and leave a tombstone. False if it was undone already.

    A card that was made new again since stays new: what it was before may be a memory of another question.
    Raises ValueError unless it is the card's last review: an older state must not overwrite a newer one.
    """
    row = (
        connection.execute(select(reviews).where(reviews.c.id == review_id, reviews.c.undone_at.is_(None)))
        .mappings()
        .first()
    )
    if row is None:
        return False
    later = select(reviews.c.id).where(
        and_(reviews.c.card_id == row["card_id"], reviews.c.id > review_id, reviews.c.undone_at.is_(None))
    )
    if connection.execute(later).first():
        raise ValueError(f"review {review_id} is not its card's last")
    before = asdict(Memory.from_dict(row["memory_before"])) if row["memory_before"] else NO_MEMORY
    still_known = (cards.c.id == row["card_id"]) & cards.c.state.is_not(None)
    connection.execute(update(cards).where(still_known).values(**before, leech=row["leech_before"]))
    connection.execute(update(reviews).where(reviews.c.id == review_id).values(undone_at=now))
    return True


def history(connection: Connection, card_id: int, limit: int = 50) -> Sequence[RowMapping]:
    """The card's reviews, newest first, undone ones left out."""
    query = (
        select(reviews.c.reviewed_at, reviews.c.rating, reviews.c.interval_days, reviews.c.zone)
        .where(reviews.c.card_id == card_id, reviews.c.undone_at.is_(None))
        .order_by(reviews.c.id.desc())
        .limit(limit)
    )
    return connection.execute(query).mappings().all()


def forget(connection: Connection, card_id: int) -> None:
    """Make the card new again. Its past reviews stay in the log."""
    connection.execute(update(cards).where(cards.c.id == card_id).values(**NO_MEMORY, leech=False, buried_until_day=0))


def remembered(connection: Connection, question_id: str) -> int:
    """How many learners have a memory of the question."""
    query = select(func.count()).where(cards.c.question_id == question_id, cards.c.reps > 0)
    count: int = connection.execute(query).scalar_one()
    return count


def forget_all(connection: Connection, question_id: str, meaning_hash: str) -> None:
    """Make the question new again for everybody: it means something else now. Past reviews stay in the log."""
    changed = update(cards).where(cards.c.question_id == question_id)
    values = {**NO_MEMORY, "leech": False, "buried_until_day": 0, "meaning_hash": meaning_hash}
    connection.execute(changed.values(**values))


def carry_over(connection: Connection, question_id: str, meaning_hash: str) -> None:
    """Let everybody's memory of the question stand for its new meaning."""
    changed = update(cards).where(cards.c.question_id == question_id, cards.c.meaning_hash != meaning_hash)
    connection.execute(changed.values(meaning_hash=meaning_hash))


def set_flags(connection: Connection, card_id: int, **flags: object) -> None:
    """Set `suspended`, `flagged` or `buried_until_day` of a card."""
    connection.execute(update(cards).where(cards.c.id == card_id).values(**flags))


def states(connection: Connection, account_id: int, question_ids: Iterable[str] | None = None) -> dict[str, CardRow]:
    """Cards by question id: all of the learner's, or those of the questions asked for."""
    query = select(cards).where(cards.c.account_id == account_id)
    if question_ids is not None:
        query = query.where(cards.c.question_id.in_(list(question_ids)))
    return {row["question_id"]: _card(row) for row in connection.execute(query).mappings()}
