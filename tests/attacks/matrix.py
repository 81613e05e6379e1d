"""Measures the attack x wall matrix and writes it to `app/sandbox/ATTACKS.md`. As root; it takes a quarter of an hour.

python tests/attacks/matrix.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence

from campaign import CORPUS, HERE, ROOT, SETTINGS, attack
from weakened import COLUMNS

PAGE = ROOT / "app" / "sandbox" / "ATTACKS.md"
HELD, THROUGH, LEFT_OUT = "✓", "✗", "·"
_INTRODUCTION = """# Attacks and walls

Measured by `tests/attacks/matrix.py`; what each attack does stands in the first lines of its file in
`tests/attacks/corpus/`. Every attack is followed by an honest submission, which has to be accepted.

- ✓ the attack ended as it must, changed nothing, and the next submission was accepted
- ✗ it got through, or ended otherwise than it must
- · not tried, because it would have been dangerous, or its library is not installed

A column is a sandbox without the walls it names. Each such sandbox ran as root in namespaces of its own, with bounds on
processes, memory and files outside of it, and with the start-up self-test switched off, which would have refused to
serve. Where one missing wall changes little, another one covers for it: that is what there are several for.
"""


def measure(*arguments: str) -> dict[str, dict[str, object]] | str:
    """What a campaign told of each attack, or why it could not be held."""
    done = subprocess.run(
        [sys.executable, str(HERE / "campaign.py"), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=1800,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
    )
    ground, *rest = (json.loads(line) for line in done.stdout.splitlines())
    return str(ground["skipped"]) if "skipped" in ground else {str(line["attack"]): line for line in rest}


def without(walls: Sequence[str]) -> list[str]:
    return [argument for wall in walls for argument in ("--without", wall)]


def _mark(line: dict[str, object]) -> str:
    return LEFT_OUT if "left_out" in line else HELD if line["held"] else THROUGH


def _settings() -> tuple[list[str], dict[str, str]]:
    """A line for each setting in which all walls of that setting stand, and the marks of the first."""
    said, marks = [], {}
    for setting in SETTINGS:
        told = measure("--setting", setting)
        if isinstance(told, str):
            said.append(f"- {setting}: not held here ({told})")
            continue
        through = sorted(name for name, line in told.items() if _mark(line) == THROUGH)
        tried = sum(_mark(line) != LEFT_OUT for line in told.values())
        but = ", ".join(f"`{name}` ({attack(name).open or told[name]['ended']})" for name in through)
        said.append(f"- {setting}: {tried - len(through)} of {tried} held" + (f"; not {but}" if but else ""))
        marks = marks or {name: _mark(line) for name, line in told.items()}
    return said, marks


def main() -> None:
    said, standing = _settings()
    columns = [standing]
    for walls in COLUMNS:
        told = measure(*without(walls))
        assert not isinstance(told, str), f"without {walls}: {told}"
        columns.append({name: _mark(line) for name, line in told.items()})
        print(f"without {', '.join(walls)}: {list(columns[-1].values()).count(THROUGH)} got through", file=sys.stderr)
    legend = [f"{number}. {', '.join(walls)}" for number, walls in enumerate(COLUMNS, start=1)]
    heads = ["attack", "all", *map(str, range(1, len(COLUMNS) + 1))]
    rows = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    rows += [f"| {name} | {' | '.join(column[name] for column in columns)} |" for name in CORPUS]
    counts = [f"{list(column.values()).count(THROUGH)}" for column in columns]
    rows.append(f"| **got through** | {' | '.join(counts)} |")
    text = [
        _INTRODUCTION,
        "With all the walls of its setting:\n",
        *said,
        "\nColumns, by what is removed:\n",
        *legend,
        "",
        *rows,
    ]
    PAGE.write_text("\n".join(text) + "\n")


if __name__ == "__main__":
    main()
