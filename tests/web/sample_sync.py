"""The pages about folder and database with everything on them, for the templates' tests."""

from __future__ import annotations

from collections.abc import Iterator

from app.bank.schema import Lang
from app.web.conflict_views import ConflictsView, ConflictView, Fault, Waiting, side_by_side

LEFT = "id: pool-kind\nkind: flashcard\n# <script>alert(1)</script>\nminutes: 1\n"
RIGHT = "id: pool-kind\nkind: flashcard\nminutes: 2\ntags: [a]\n"


def pages(lang: Lang) -> Iterator[tuple[str, str, object, str]]:
    full = ConflictsView(
        conflicts=["pool-kind"],
        waiting=[Waiting("pool-size", "cnn/pooling.yaml: Read-only file system")],
        faults=[Fault("cnn/pooling.yaml:29:3", "question 2 (pool-kind): 'difficulty' is too large; at most 5")],
        resolved="iou-touching",
    )
    yield "admin-conflicts", "admin/conflicts/list.html", full, "admin"
    yield "admin-conflicts-none", "admin/conflicts/list.html", ConflictsView([], [], [], ""), "admin"
    both = ConflictView("pool-kind", False, side_by_side(LEFT, RIGHT), LEFT, RIGHT, 3, "ab" * 32, [])
    yield "admin-conflict", "admin/conflicts/page.html", both, "admin"
    gone = ConflictView("pool-kind", True, side_by_side("", RIGHT), "", RIGHT, 3, "", ["3:1: 'minutes' is missing"])
    yield "admin-conflict-removed", "admin/conflicts/page.html", gone, "admin"
