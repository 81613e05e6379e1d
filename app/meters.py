"""What is counted while the process works, and under which names Prometheus finds it.

Labels take few values, each known beforehand: route templates, verdicts, ratings; never an id, a name or an address.
What stands at the moment of asking (the queue, the pool, the bank) is in `web.gauges`.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each, that tells when it began: nobody asks

_REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_VERDICT_S = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
RATINGS = {1: "again", 2: "hard", 3: "good", 4: "easy"}


class Meters:
    """The counters of one process, in a registry of their own: several apps in one process do not share them.

    `whetstone_request_seconds` counts requests too: its `_count` is by method, route template and status class.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests_s = Histogram(
            "whetstone_request_seconds",
            "Requests by how long they took; streams by how long until they began.",
            ("method", "route", "status"),
            buckets=_REQUEST_S,
            registry=self.registry,
        )
        self.requests_open = Gauge(
            "whetstone_requests_open", "Requests being answered, open streams among them.", registry=self.registry
        )
        self._verdicts = Counter(
            "whetstone_verdicts", "Submissions graded.", ("verdict", "mode"), registry=self.registry
        )
        self._verdict_s = Histogram(
            "whetstone_verdict_seconds",
            "From a submission's arrival to its verdict.",
            ("mode",),
            buckets=_VERDICT_S,
            registry=self.registry,
        )
        self._reviews = Counter("whetstone_reviews", "Cards rated.", ("rating",), registry=self.registry)
        for name in RATINGS.values():
            self._reviews.labels(name)

    def verdict(self, verdict: str, mode: str, seconds: float) -> None:
        """A submission was graded and its report stored, `seconds` after it arrived."""
        self._verdicts.labels(verdict, mode).inc()
        self._verdict_s.labels(mode).observe(max(0.0, seconds))

    def review(self, rating: int) -> None:
        """Somebody rated a card, 1 to 4."""
        self._reviews.labels(RATINGS[rating]).inc()
