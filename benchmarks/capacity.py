"""On paper: what a number of learners needs, which part gives out first, and how well the same sums foretell the runs.

It takes what `load_sqlite --save` and `load_cluster --save` have measured. Usage: python -m benchmarks.capacity
prints the tables; with --write they go into docs/operations/capacity.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from app.settings import ROOT
from benchmarks import measured
from benchmarks.capacity_model import Ceilings, Habits, Needs, checks, limits, needs

PAGE = ROOT / "docs" / "operations" / "capacity.md"
BEGIN, END = "<!-- made by: python -m benchmarks.capacity --write -->\n", "<!-- end of what is made -->\n"
SIZES = (1_000, 10_000, 100_000, 1_000_000)


def page(habits: Habits, ceilings: Ceilings, sqlite: dict[str, Any], cluster: dict[str, Any]) -> str:
    """The made part of the page, in Markdown."""
    apart = "apart (network namespaces)" if cluster["apart"] else "not apart"
    lines = [
        f"Measured on SQLite: {sqlite['conditions']}.",
        f"Measured on PostgreSQL: {cluster['conditions']}; machines {apart}.",
        "",
        "### What one of each costs",
        "",
        *_table(("", "web ms", "database ms", "worker ms", "WAL bytes", "news"), _costs(sqlite, cluster)),
        "",
        "### What was measured",
        "",
        *_table(("", "a second", "to the no-op"), _measured(sqlite, cluster)),
        "",
        *_open_sessions(sqlite, cluster),
        "",
        "### Foretold and measured",
        "",
        *_table(
            ("", "foretold", "measured", "error"),
            [
                (it.name, f"{it.foretold:.1f}", f"{it.measured:.1f}", f"{it.error:+.0%}")
                for it in checks(sqlite, cluster)
            ],
        ),
        "",
        "### What learners need, at the peak",
        "",
        *_table(("learners", *(f"{size:,}" for size in SIZES)), _needs(habits, cluster)),
        "",
        "### What gives out, in order",
        "",
        *_table(
            ("part", "taken as full at", "learners"),
            [
                (it.name, it.ceiling, f"{float(f'{it.learners:.2g}'):,.0f}")
                for it in limits(habits, ceilings, sqlite, cluster)
            ],
        ),
    ]
    return "\n".join(lines) + "\n"


def _costs(sqlite: dict[str, Any], cluster: dict[str, Any]) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [("answer, SQLite", f"{sqlite['at_knee']['cpu_ms']:.1f}", "in the same", "", "", "")]
    for name, it in (("answer", cluster["two_webs"]), ("save in a mock", cluster["saves"])):
        rows.append(
            (f"{name}, PostgreSQL", f"{it['web_ms']:.1f}", f"{it['database_ms']:.1f}", "", f"{it['wal_bytes']:.0f}", "")
        )
    it = cluster["verdicts"]["1"]
    figures = (f"{it[name]:.1f}" for name in ("web_ms", "database_ms", "worker_ms"))
    return [*rows, ("verdict, PostgreSQL", *figures, f"{it['wal_bytes']:.0f}", f"{it['news']:.1f}")]


def _measured(sqlite: dict[str, Any], cluster: dict[str, Any]) -> list[Sequence[str]]:
    knee = str(sqlite["knee_users"])
    noop = cluster["noop_per_s"]

    def row(name: str, rate: float, floor: float) -> Sequence[str]:
        return name, f"{rate:.1f}", f"{rate / floor:.4f}"

    rows = [
        row(
            f"answers, SQLite, at the knee ({knee} learners)",
            sqlite["answers_per_s"][knee],
            sqlite["noops_per_s"][knee],
        )
    ]
    rows += [
        row(f"answers, PostgreSQL, {name}", cluster[key]["per_s"], noop)
        for name, key in (("1 web", "one_web"), ("2 webs", "two_webs"))
    ]
    for number, it in cluster["verdicts"].items():
        rows.append(row(f"verdicts, {number} worker{'s' * (number != '1')}", it["per_s"], it["noop_per_s"]))
    for number, it in cluster["waiting"].items():
        rows.append(
            row(
                f"verdicts that wait {cluster['wait_s']} s, {number} worker{'s' * (number != '1')}",
                it["per_s"],
                it["noop_per_s"],
            )
        )
    return rows


def _open_sessions(sqlite: dict[str, Any], cluster: dict[str, Any]) -> list[str]:
    rows = []
    for name, it in (("SQLite", sqlite["open_sessions"]), ("PostgreSQL, 2 webs", cluster["open_sessions"])):
        rows.append(
            (
                name,
                f"{it['kib_a_session']:.0f}",
                f"{it['kib_a_stream']:.0f}",
                f"{it['descriptors_a_session']:.2f}",
                f"{it['p99_ms']:.0f}",
                f"{it['p99_ms'] / it['noop_p99_ms']:.1f}",
                f"{it['servers_share']:.2f}",
                f"{it['thinking_share']:.2f}",
            )
        )
    head = (
        "1,000 open sessions",
        "KiB each",
        "KiB a stream",
        "descriptors",
        "p99 ms",
        "to no-op's",
        "processors",
        "of it streams",
    )
    return _table(head, rows)


def _needs(habits: Habits, cluster: dict[str, Any]) -> list[Sequence[str]]:
    all_ = [needs(size, habits, cluster) for size in SIZES]
    rows: tuple[tuple[str, Callable[[Needs], float], str], ...] = (
        ("answers a second", lambda it: it.rates.answers, ".1f"),
        ("verdicts a second", lambda it: it.rates.verdicts, ".2f"),
        ("saves in mocks a second", lambda it: it.rates.saves, ".1f"),
        ("open sessions", lambda it: it.rates.open_sessions, ",.0f"),
        ("web processes", lambda it: it.webs, "d"),
        ("their memory for open sessions, MiB", lambda it: it.web_mib, ",.0f"),
        ("workers' processors", lambda it: it.worker_processors, ".1f"),
        ("the database's processors", lambda it: it.database_processors, ".1f"),
        ("connections to it", lambda it: it.connections, ".0f"),
        ("WAL, MB a second", lambda it: it.wal_bytes_per_s / 1e6, ".2f"),
        ("commits that tell news, a second", lambda it: it.telling_per_s, ".1f"),
        ("news heard by all web processes, a second", lambda it: it.news_heard_per_s, ",.0f"),
        ("the whole instance's lock is held, %", lambda it: 100 * it.lock_share, ".1f"),
        ("new rows a year, GB", lambda it: it.bytes_a_year / 1e9, ",.1f"),
    )
    return [(name, *(format(value(it), form) for it in all_)) for name, value, form in rows]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]


def written(text: str, made: str) -> str:
    """The page with its made part replaced."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + made + END + after


def main() -> None:
    made = page(Habits(), Ceilings(), measured.get("sqlite"), measured.get("cluster"))
    if "--write" in sys.argv:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), made), encoding="utf-8")
    print(made)


if __name__ == "__main__":
    main()
