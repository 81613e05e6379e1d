"""Keeps the live bank, the folder and the database together: at the start, and while people write on either side.

One thread watches the folder, and looks every few seconds whether another process has saved revisions.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import func, select
from watchfiles import Change, DefaultFilter, watch

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

log = structlog.get_logger()
POLL_MS = 2000  # how soon revisions of another process are noticed
SETTLED_MS = 300  # a file that is being saved is read once it has been still for so long
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
        self._thread = threading.Thread(target=self._go_on, name="bank-sync", daemon=True)
        self._newest = 0
        self._blueprints_seen: object = None
        self._said: frozenset[str] = frozenset()
        self.folder = folder
        self.look: Look = folder.look()
        self.refused: dict[str, str] = {}
        self.shelf = Shelf(self.look.bank)
        self.catch_up()

    @property
    def revision(self) -> int:
        """The newest revision that the shelf shows."""
        return self._newest

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout=POLL_MS / 1000)

    def catch_up(self) -> None:
        """Bring both sides together and put what learners see on the shelf."""
        with self._lock:
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
        self.look = self.folder.look()
        self._tell("question left out", self.look.findings)

    def _found(self) -> Sequence[Standing]:
        with self._db.read() as connection:
            return standings(connection, self.look)

    def _fill_shelf(self) -> None:
        with self._db.read() as connection:
            newest = connection.execute(select(func.max(revisions.c.id))).scalar() or 0
            bank = live_bank(connection, self.look, standings(connection, self.look), self._cache_dir)
        self.shelf.bank, self._newest = bank, newest
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
            return (connection.execute(select(func.max(revisions.c.id))).scalar() or 0) != self._newest

    def _go_on(self) -> None:
        for turn, changed in enumerate(self._awakenings()):
            try:
                if changed or self._has_news() or (self.refused and turn % RETRY_TURNS == 0):
                    self.catch_up()
            except Exception:  # a folder that is being replaced, a full disk: the next change tries again
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
