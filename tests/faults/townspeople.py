"""People at work through the JSON API, each with a ledger of what was acknowledged to them.

Whoever gets no answer, or is told to try again, sends the very same once more, to the next server, as a browser's user
does. What was sent before may have been done: a 409 then says so.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from small_bank import QUESTIONS, RIGHT
from town import INTERVIEW, card

PATIENCE_S = 400.0  # then whatever was to come back by itself has not
TIMEOUT_S = 60.0
WRONG = "def double(x):\n    return x\n"
SESSION = 30  # reviews, then another is begun
ASK_AGAIN = (502, 503, 504)


@dataclass(frozen=True)
class Pace:
    """How long they think between two things, at most, and how often they rate 1, 2, 3 and 4.

    What is forgotten comes again; what is known does not until some other day.
    """

    pause_s: float
    ratings: tuple[int, int, int, int]


HURRY = Pace(0.0, (60, 20, 10, 10))
CALM = Pace(0.3, (90, 10, 0, 0))  # for ever


@dataclass(frozen=True)
class Said:
    """An answer. `unsure`: the same was sent before and may have been done."""

    status: int
    body: dict[str, Any]
    unsure: bool


@dataclass
class Sent:
    """A submission that was acknowledged. `mark` is in its code alone."""

    id: str
    question: str
    mark: str
    verdict: str


@dataclass
class Paper:
    """An interview: what was saved last and acknowledged, whether it was handed in, and the report's word on it."""

    kept: int = 0
    handed_in: bool = False
    mark: str | None = None


@dataclass
class Edit:
    """A text that was saved and acknowledged, and perhaps published. `mark` is in this text alone."""

    question: str
    mark: str
    published: bool = False


@dataclass
class Ledger:
    """What was acknowledged to one person, in order; and what nobody should ever be answered."""

    ratings: dict[int, list[int]] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    papers: dict[int, Paper] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    answers: int = 0
    unsure: int = 0  # how often an answer was missing that may have been about something done

    @property
    def reviews(self) -> int:
        return sum(map(len, self.ratings.values()))


class Person(threading.Thread):
    """Works until `enough`, at all there is to do. `owned` are the questions that only they edit."""

    def __init__(
        self,
        name: str,
        account_id: int,
        token: str,
        addresses: Sequence[str],
        open_interview: Callable[[int], int | None],
        enough: threading.Event,
        owned: Sequence[str] = (),
        contested: Sequence[str] = (),
        pace: Pace = HURRY,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._pace = pace
        self.account_id = account_id
        self.ledger = Ledger()
        self.owned = owned
        self._token = token
        self._addresses = list(addresses)
        self._open_interview = open_interview
        self._enough = enough
        self._contested = contested
        self._rng = Random(name)
        self._number = 0
        self._session: int | None = None
        self._paper: int | None = None
        self._exhausted = False

    def run(self) -> None:
        steps = [self._review] * 5 + [self._submit] * 2 + [self._sit] * 3
        if self.owned:
            steps += [self._edit] * 2
        try:
            while not self._enough.is_set():
                self._rng.choice(steps)()
                self._enough.wait(self._rng.uniform(0, self._pace.pause_s))
            if self._paper is not None:
                self._hand_in(self._paper)
        except Exception as error:  # told to whoever audits
            self.ledger.faults.append(f"{self.name} gave up: {error!r}")

    def ask(self, method: str, path: str, body: object = None) -> Said:
        """Until somebody answers."""
        data = None if body is None else json.dumps(body)
        headers = {"authorization": f"Bearer {self._token}", "content-type": "application/json"}
        deadline = time.monotonic() + PATIENCE_S
        unsure = False
        while True:
            self._addresses.append(self._addresses.pop(0))
            connection = http.client.HTTPConnection(self._addresses[0], timeout=TIMEOUT_S)
            try:
                connection.connect()
            except OSError:
                pass
            else:
                try:
                    connection.request(method, path, data, headers)
                    answer = connection.getresponse()
                    told = json.loads(answer.read() or b"{}")
                    if answer.status not in ASK_AGAIN:
                        self.ledger.answers += 1
                        self.ledger.unsure += unsure
                        return Said(answer.status, told, unsure)
                except (OSError, http.client.HTTPException, ValueError):
                    pass  # cut off in the middle
                unsure = True
            finally:
                connection.close()
            if time.monotonic() > deadline:
                raise TimeoutError(f"{method} {path} was never answered")
            time.sleep(0.05)  # who is told to try again does

    def has_its_marks(self) -> bool:
        """Whether everything that was handed in is marked."""
        for paper, told in self.ledger.papers.items():
            if told.handed_in and told.mark is None:
                report = self.ask("GET", f"/api/interviews/{paper}/report").body
                if not report["final"]:
                    return False
                told.mark = report["questions"][0]["state"]
        return True

    def _expect(self, said: Said, *statuses: int, what: str) -> bool:
        """Whether it was done, by this request or by one before it; anything else is noted as a fault."""
        if said.status in statuses:
            return True
        if said.status == 409 and said.unsure:
            return True
        self.ledger.faults.append(f"{self.name}: {what}: {said}")
        return False

    def _review(self) -> None:
        if self._session is None:
            if self._exhausted:
                return self._submit()
            started = self.ask("POST", "/api/practice/sessions", {"mode": "more", "topics": ["recall"]})
            if started.status == 409:
                self._exhausted = True
            elif self._expect(started, 201, what="session"):
                self._session = started.body["id"]
            return None
        shown = self.ask("GET", f"/api/practice/sessions/{self._session}/next")
        if not self._expect(shown, 200, what="next") or shown.body["card_id"] is None:
            self._session = None
            return None
        card_id = shown.body["card_id"]
        if shown.body["state"] == "waiting":
            answer = {"card_id": card_id, "seed": shown.body["seed"], "answer": {}, "seconds": 1.0}
            if not self._expect(self.ask("POST", "/api/practice/answers", answer), 200, what="answer"):
                return None
        rating = self._rng.choices((1, 2, 3, 4), self._pace.ratings)[0]
        if self._expect(
            self.ask("POST", "/api/practice/reviews", {"card_id": card_id, "rating": rating}), 200, what="rate"
        ):
            self.ledger.ratings.setdefault(card_id, []).append(rating)
            if self.ledger.reviews % SESSION == 0:
                self._session = None
        return None

    def _submit(self) -> None:
        question, right = self._rng.choice(QUESTIONS), self._rng.random() < 0.7
        mark = self._mark()
        body = {"question_id": question, "code": (RIGHT if right else WRONG) + mark, "mode": "submit"}
        said = self.ask("POST", "/api/submissions", body)
        if self._expect(said, 202, what="submit"):
            self.ledger.sent.append(Sent(said.body["id"], question, mark, "accepted" if right else "wrong_answer"))

    def _sit(self) -> None:
        if self._paper is None:
            begun = self.ask("POST", "/api/interviews", {"blueprint": INTERVIEW})
            if begun.status == 409 and "fewer questions" in begun.body.get("advice", ""):
                return  # no worker lives just now, so no paper with code is drawn
            if not self._expect(begun, 201, what="interview"):
                return
            found = begun.body["id"] if begun.status == 201 else self._open_interview(self.account_id)
            if found is not None:
                self._paper = found
                self.ledger.papers[found] = Paper()
            return
        if self._rng.random() < 0.15 and self.ledger.papers[self._paper].kept:
            self._hand_in(self._paper)
            return
        self._number += 1
        answer = {"answer": {"code": f"{RIGHT}\n# {self._number}\n"}}
        if self._expect(self.ask("PUT", f"/api/interviews/{self._paper}/answers/1", answer), 200, what="save"):
            self.ledger.papers[self._paper].kept = self._number

    def _hand_in(self, paper: int) -> None:
        if self._expect(self.ask("POST", f"/api/interviews/{paper}/finish", {}), 200, what="hand in"):
            self.ledger.papers[paper].handed_in = True
        self._paper = None

    def _edit(self) -> None:
        question = self._rng.choice([*self.owned, *self._contested])
        path = f"/api/admin/questions/{question}"
        now = self.ask("GET", path)
        if not self._expect(now, 200, what="text"):
            return
        mark = self._mark()
        text = {"yaml": card(question, mark), "base_hash": now.body["hash"], "note": mark}
        saved = self.ask("PUT", path, text)
        if saved.status == 409 and f"<{mark}>" not in saved.body.get("yaml", ""):
            if question in self.owned:
                self.ledger.faults.append(f"{self.name}: somebody else edited {question}: {saved}")
            return  # the other one was faster
        if not self._expect(saved, 200, what="edit"):
            return
        edit = Edit(question, mark)
        self.ledger.edits.append(edit)
        if question in self.owned and self._rng.random() < 0.5:
            edit.published = self._publish(path, saved.body["hash"])

    def _publish(self, path: str, text_hash: str) -> bool:
        said = self.ask("POST", f"{path}/publish", {"hash": text_hash})
        if said.status == 422:
            waivers = [{"finding": it["key"], "reason": "a bank of two topics"} for it in said.body["findings"]]
            said = self.ask("POST", f"{path}/publish", {"hash": text_hash, "waivers": waivers})
        return self._expect(said, 200, what="publish")

    def _mark(self) -> str:
        self._number += 1
        return f"# {self.name} {self._number}."
