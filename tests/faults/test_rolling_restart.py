"""Two web servers behind a client that asks them in turn are restarted one after the other, while people work."""

from __future__ import annotations

import signal
from contextlib import closing
from pathlib import Path

from auditor import Auditor
from cluster import cluster, eventually
from shift import at_work, settle_and_audit

ROUNDS = 2


def test_no_request_fails_for_good_and_nothing_is_lost(tmp_path: Path) -> None:
    with cluster(tmp_path, webs=2, workers=1) as town, closing(Auditor(town.url)) as auditor:
        with at_work(town, auditor) as people:
            for service in (*town.webs, *town.workers) * ROUNDS:
                starts = service.starts
                before = sum(person.ledger.answers for person in people)
                assert service.signal(signal.SIGTERM)
                eventually(lambda service=service, starts=starts: service.starts > starts, town.said)
                town.wait_until_ready()
                eventually(lambda before=before: sum(it.ledger.answers for it in people) > before + 20, town.said)
        print(settle_and_audit(town, auditor, people))
