"""How the line of submissions and the sandbox stand, for Prometheus to ask."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from app.grading.jobs import Crew
from app.grading.queue import Load
from app.sandbox import Sandbox


class SandboxGauges(Collector):
    """One sandbox, read when asked."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def collect(self) -> Iterator[Metric]:
        state = self._sandbox.state()
        yield GaugeMetricFamily("whetstone_sandbox_workers", "Jobs that may run at a time.", state.workers)
        yield GaugeMetricFamily("whetstone_sandbox_jobs", "Jobs that run now.", state.jobs)
        by_library = ("library",)
        ready = GaugeMetricFamily("whetstone_sandbox_spares_ready", "Walled and warmed, waiting.", labels=by_library)
        wanted = GaugeMetricFamily("whetstone_sandbox_spares_wanted", "How many should wait.", labels=by_library)
        parents = CounterMetricFamily("whetstone_sandbox_parents_started", "Warm parents started.", labels=by_library)
        lost = CounterMetricFamily(
            "whetstone_sandbox_children_lost", "Children lost in a job by no fault of it.", labels=by_library
        )
        failures = CounterMetricFamily("whetstone_sandbox_failures", "Times no child could be had.", labels=by_library)
        for pool in state.pools:
            label = (pool.library,)
            ready.add_metric(label, pool.spares_ready)
            wanted.add_metric(label, pool.spares_wanted)
            parents.add_metric(label, pool.parents_started)
            lost.add_metric(label, pool.children_lost)
            failures.add_metric(label, pool.failures)
        yield from (ready, wanted, parents, lost, failures)


def of_crew(crew: Crew) -> Iterator[Metric]:
    """The workers, as a server knows them."""
    places = GaugeMetricFamily(
        "whetstone_worker_places", "Submissions that living workers grade at a time.", labels=("libs",)
    )
    for libs, number in crew.places.items():
        places.add_metric((",".join(sorted(libs)),), number)
    yield places


def of_queue(load: Load) -> Iterator[Metric]:
    """The line of submissions."""
    line = GaugeMetricFamily("whetstone_queue_submissions", "Submissions without a verdict.", labels=("state",))
    line.add_metric(("waiting",), load.waiting)
    line.add_metric(("running",), load.running)
    yield line
