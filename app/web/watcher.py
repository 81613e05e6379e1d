"""Keeps the live bank, the folder and the database together: at the start, and while people write on either side.

One thread watches the folder, and looks every few seconds whether another process has saved revisions. On PostgreSQL
it is told so at once, and each process has a folder of its own, or a share in one: they read and write one at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import Connection, func, select
from watchfiles import Change, DefaultFilter, watch

from app import turns
from app.authoring.added_topics import added, added_topics
from app.authoring.copies import Sight, standings_of_copy
from app.authoring.folder import Folder, Look
from app.authoring.folder_writes import SPARE
from app.authoring.live import live_bank
from app.authoring.revisions import revisions
from app.authoring.sync import Standing, standings
from app.authoring.sync_steps import pull, push
from app.bank.blueprints import blueprint_files, load_blueprints
from app.bank.findings import Finding
from app.bank.shelf import Shelf
from app.db import Database
from app.news import Listener

log = structlog.get_logger()
POLL_MS = 2000  # how soon revisions of another process are noticed
SETTLED_MS = 300  # a file that is being saved is read once it has been still for so long
NEWS = "whetstone_bank"  # a revision was added; migration 0006 has the database tell it
FIRST_PATIENCE_S = 120.0  # for another process that takes a whole bank over
RETRY_TURNS = 15  # looks until what could not be written is tried again: nothing tells that a disk has room


class _Files(DefaultFilter):
    """All but what a write lays beside a file: a write that fails must not be its own reason to try again."""

    def __call__(self, change: Change, path: str) -> bool:
        return not path.endswith(SPARE) and super().__call__(change, path)


class BankSync:
    """Owns the folder's reader and fills the shelf. `writes`: whether it may write what the database has to the folder.

    `refused` says why questions could not be written at the last try, by id.
    """

    def __init__(
        self, db: Database, folder: Folder, now: Callable[[], datetime], *, cache_dir: Path, writes: bool
    ) -> None:
        self._db = db
        self._now = now
        self._cache_dir = cache_dir
        self._writes = writes
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._told = threading.Event()
        self._threads = [
            threading.Thread(target=self._go_on, name="bank-sync", daemon=True),
            threading.Thread(target=self._hear, name="bank-news", daemon=True),
        ]
        self._sight = Sight() if db.is_postgresql else None  # of a folder that is one of several
        self._newest = (0, 0)
        self._is_owed = False  # whether the last try failed
        self._blueprints_seen: object = None
        self._said: frozenset[str] = frozenset()
        self.folder = folder
        self.look: Look = folder.look()
        self.refused: dict[str, str] = {}
        self.shelf = Shelf(self.look.bank)
        self._catch_up(FIRST_PATIENCE_S)

    @property
    def revision(self) -> int:
        """The newest revision that the shelf shows."""
        return self._newest[0]

    def start(self, news: Listener | None = None) -> None:
        """Follow both sides from now on; what other processes publish at once where there are `news`."""
        if news is not None:
            news.on(NEWS, lambda _: self._told.set())
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._closing.set()
        self._told.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=POLL_MS / 1000)

    def standings(self, connection: Connection) -> Sequence[Standing]:
        """Every question on which the database and this process's folder differ."""
        if self._sight is None:
            return standings(connection, self.look)
        return standings_of_copy(connection, self.look, self._sight)

    def catch_up(self) -> None:
        """Bring both sides together and put what learners see on the shelf."""
        self._catch_up()

    def _catch_up(self, patience_s: float | None = None) -> None:
        with self._lock, turns.turn(self._db, turns.Kind.folder, 0, patience_s=patience_s):
            self._look()
            found = self._found()
            if found and pull(self._db, self.folder, self.look, found, self._now()).changed:
                found = self._found()
            if self._writes and found:
                pushed = push(self._db, self.folder, self.look, found, self._now())
                self.refused = dict(pushed.refused)
                if pushed.written:
                    self._look()
            self._fill_shelf()

    def _look(self) -> None:
        if self._sight is not None:
            with self._db.read() as connection:
                self.folder.lend(added(connection))
        self.look = self.folder.look()
        self._tell("question left out", self.look.findings)

    def _found(self) -> Sequence[Standing]:
        with self._db.read() as connection:
            return self.standings(connection)

    def _fill_shelf(self) -> None:
        with self._db.read() as connection:
            newest = _newest(connection)
            found = self.standings(connection)
            bank = live_bank(connection, self.look, found, self._cache_dir, is_copy=self._sight is not None)
        self.shelf.bank, self._newest = bank, newest
        if self._sight is not None:
            self._sight.settle(self.look, found)
        self._fill_blueprints()

    def _fill_blueprints(self) -> None:
        root = self.folder.root
        seen = ([(path, path.stat().st_mtime_ns) for path in blueprint_files(root)], list(self.look.bank.topics))
        if seen != self._blueprints_seen:
            blueprints, findings = load_blueprints(root, self.look.bank)
            self._tell("interview left out", findings)
            self.shelf.blueprints = {blueprint.id: blueprint for blueprint in blueprints}
            self._blueprints_seen = seen

    def _tell(self, what: str, findings: Sequence[Finding]) -> None:
        """Into the log, what it does not say yet."""
        lines = {str(finding) for finding in findings}
        for line in sorted(lines - self._said):
            log.warning(what, finding=line)
        self._said = (self._said | lines) if lines else self._said

    def _has_news(self) -> bool:
        with self._db.read() as connection:
            return _newest(connection) != self._newest

    def _go_on(self) -> None:
        for turn, changed in enumerate(self._awakenings()):
            self._follow(is_due=changed or bool(self.refused and turn % RETRY_TURNS == 0))

    def _hear(self) -> None:
        while self._told.wait() and not self._closing.is_set():
            self._told.clear()
            self._follow(is_due=False)

    def _follow(self, *, is_due: bool) -> None:
        try:
            if is_due or self._is_owed or self._has_news():
                self._is_owed = True
                self.catch_up()
                self._is_owed = False
        except Exception:  # a folder being replaced, a full disk, others who take long: the next look tries again
            log.exception("the bank's folder and the database could not be brought together")

    def _awakenings(self) -> Iterator[bool]:
        """Whether files changed, each time that something did, and every few seconds."""
        for changes in watch(
            self.folder.root,
            watch_filter=_Files(),
            debounce=SETTLED_MS * 4,
            step=SETTLED_MS,
            stop_event=self._closing,
            rust_timeout=POLL_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
            ignore_permission_denied=True,
        ):
            yield bool(changes)


def _newest(connection: Connection) -> tuple[int, int]:
    """What changes with every revision and every topic that anybody adds."""
    topics = select(func.count()).select_from(added_topics).scalar_subquery()
    revision, count = connection.execute(select(func.max(revisions.c.id), topics)).one()
    return revision or 0, count
