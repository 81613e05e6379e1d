"""How things stand when Prometheus asks: the bank, people, interviews, the database, and what grading says of itself.

Counts of rows are the whole instance's, the same from each of its processes: a dashboard takes one, not their sum.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from app.accounts import logins
from app.errors import Unavailable
from app.interview import store as interviews
from app.practice import coding
from app.web.services import Services


class Gauges(Collector):
    """One app's services, read when asked. A database that does not answer is told of and leaves the rest."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        yield self._build()
        yield from self._bank()
        yield from self._services.grading.gauges()
        yield from self._connections()
        try:
            counted = list(self._rows())
        except (SQLAlchemyError, Unavailable):
            counted = []
        yield _gauge("whetstone_database_up", "Whether the database answers.", bool(counted))
        yield from counted
        yield _gauge("whetstone_stopping", "Whether the server is about to stop.", self._services.stopping.is_set())

    def _build(self) -> Metric:
        names = {
            "version": release(),
            "python": platform.python_version(),
            "database": self._services.db.engine.dialect.name,
        }
        build = GaugeMetricFamily("whetstone_build_info", "What runs here.", labels=tuple(names))
        build.add_metric(tuple(names.values()), 1)
        return build

    def _bank(self) -> Iterator[Metric]:
        kinds: dict[str, int] = {}
        for entry in list(self._services.bank.questions.values()):
            kinds[entry.question.kind] = kinds.get(entry.question.kind, 0) + 1
        questions = GaugeMetricFamily("whetstone_bank_questions", "Questions that learners see.", labels=("kind",))
        for kind, count in sorted(kinds.items()):
            questions.add_metric((kind,), count)
        yield questions
        yield _gauge(
            "whetstone_bank_revision", "The newest revision that this process shows.", self._services.bank_sync.revision
        )

    def _connections(self) -> Iterator[Metric]:
        pool = self._services.db.engine.pool
        if isinstance(pool, QueuePool):
            found = GaugeMetricFamily(
                "whetstone_database_connections", "This process's connections to the database.", labels=("state",)
            )
            found.add_metric(("used",), pool.checkedout())
            found.add_metric(("idle",), pool.checkedin())
            yield found

    def _rows(self) -> Iterator[Metric]:
        now = self._services.clock()
        with self._services.db.read() as connection:
            logged_in = logins.count(connection, now)
            under_way = interviews.count_under_way(connection)
            oldest = coding.oldest_unfinished(connection)
        yield _gauge("whetstone_logins", "Browsers that are logged in.", logged_in)
        yield _gauge("whetstone_interviews_under_way", "Interviews begun and not over.", under_way)
        waited_s = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
        yield _gauge("whetstone_queue_oldest_seconds", "Since the oldest submission without a verdict came.", waited_s)


def release() -> str:
    """The product's version."""
    try:
        return version("whetstone")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "unknown"


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, float(value))
