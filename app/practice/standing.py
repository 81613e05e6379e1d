"""How a learner stands with each topic: learnt, due, weak, begun or not yet. Pure; the store's rows are handed in.

Only questions that can be asked here count, and none that the learner suspended. The states, the first that fits:

- not yet: no question was answered.
- weak: a third of the questions seen, or a coding question, was missed and has not recovered; or the recall predicted
  for what was seen is below 70 % on average.
- due: a question is due now.
- learnt: two thirds of the topic's questions are in long-term memory (a stability of a week or more: right on two
  different days, or easy at once), and the recall predicted for what was seen is 85 % or more on average.
- begun: anything else that was seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.bank.catalog import Entry
from app.scheduling.schedule import State, recall
from app.scheduling.store import Recollection

LONG_TERM_DAYS = 7.0
FORGOTTEN_DAYS = 1.0  # no first answer but Again leaves a stability below a day
WEAK_RECALL = 0.7
LEARNT_RECALL = 0.85


class Standing(StrEnum):
    """Where a topic stands with a learner."""

    learnt = "learnt"
    due = "due"
    weak = "weak"
    begun = "begun"
    not_yet = "not-yet"


@dataclass(frozen=True)
class TopicState:
    """Counts of a topic's questions. `fresh` may be introduced now; `recall` is the mean over those seen (0 if none).

    `lasting` are in long-term memory; `missed` have not recovered from an Again, `missed_code` of them are code.
    """

    questions: int = 0
    fresh: int = 0
    seen: int = 0
    due: int = 0
    lasting: int = 0
    missed: int = 0
    missed_code: int = 0
    recall: float = 0.0

    @property
    def standing(self) -> Standing:
        if not self.seen:
            return Standing.not_yet
        if self.missed_code or 3 * self.missed >= self.seen or self.recall < WEAK_RECALL:
            return Standing.weak
        if self.due:
            return Standing.due
        if 3 * self.lasting >= 2 * self.questions and self.recall >= LEARNT_RECALL:
            return Standing.learnt
        return Standing.begun

    @property
    def is_known(self) -> bool:
        """Whether what rests on this topic may come: it was begun and is not weak."""
        return self.standing not in (Standing.not_yet, Standing.weak)


UNSEEN = TopicState()


def topic_states(
    askable: Iterable[Entry], recollections: Iterable[Recollection], today: int
) -> Mapping[str, TopicState]:
    """By topic, for every topic that has a question among `askable`. `today` is the study day."""
    known = {it.question_id: it for it in recollections}
    asked: dict[str, list[tuple[Entry, Recollection | None]]] = defaultdict(list)
    for entry in askable:
        it = known.get(entry.question.id)
        if it is None or not it.suspended:
            asked[entry.topic.id].append((entry, it))
    return {topic: _state(rows, today) for topic, rows in asked.items()}


def _state(asked: list[tuple[Entry, Recollection | None]], today: int) -> TopicState:
    """One pass: the topic map of a long learner counts thousands."""
    fresh = seen = due = lasting = missed = missed_code = 0
    recalls = 0.0
    for entry, it in asked:
        if it is None:
            fresh += 1
        elif it.state is not None:
            seen += 1
            due += it.is_due
            recalls += recall(it.stability_days, today - it.last_day)
            if is_missed(it):
                missed += 1
                missed_code += entry.question.kind == "code"
            elif it.stability_days >= LONG_TERM_DAYS:
                lasting += 1
    return TopicState(len(asked), fresh, seen, due, lasting, missed, missed_code, recalls / seen if seen else 0.0)


def is_missed(it: Recollection) -> bool:
    """Whether the last answer was Again, or the memory has not recovered from one."""
    if it.state != State.review or it.stability_days < FORGOTTEN_DAYS:
        return True
    return it.lapses > 0 and it.stability_days < LONG_TERM_DAYS
