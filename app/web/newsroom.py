"""After a question was published, retired or brought back: learners see it at once, and the folder is told."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from app.bank.catalog import Entry
from app.web.services import Services

log = structlog.get_logger()


def announce(services: Services, changes: Mapping[str, Entry | None]) -> None:
    """Put what was committed on the shelf, and bring folder and database together. Never fails: the rest follows.

    Two at once may put their banks on the shelf in either order; what the sync puts there afterwards is the database's
    word on all questions. Should it fail, its own next round does that.
    """
    services.shelf.bank = services.bank.with_changes(changes)
    try:
        services.bank_sync.catch_up()
    except Exception:  # the folder may be gone, the disk full: what was published is safe in the database
        log.exception("the folder could not be told of what was published", questions=sorted(changes))
