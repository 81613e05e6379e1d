"""Measures the attack x wall matrix and writes it to `app/sandbox/ATTACKS.md`.

python tests/attacks/matrix.py                      all of it, as root; a quarter of an hour
python tests/attacks/matrix.py files/odd_paths …    only these rows; the others stay as they were measured
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence

from attack import CORPUS, HERE, attack
from campaign import ROOT, SETTINGS
from weakened import COLUMNS

PAGE = ROOT / "app" / "sandbox" / "ATTACKS.md"
HELD, THROUGH, LEFT_OUT = "✓", "✗", "·"
_INTRODUCTION = """# Attacks and walls

Measured by `tests/attacks/matrix.py`; what each attack does stands in the first lines of its file in
`tests/attacks/corpus/`. Every attack is followed by an honest submission, which has to be accepted.

- ✓ the attack ended as it must, changed nothing, and the next submission was accepted
- ✗ it got through, or ended otherwise than it must
- · not tried, because it would have been dangerous, or its library is not installed

In the columns with letters all the walls of a setting stand. A column with a number is a sandbox without the walls it
names: run as root in namespaces of its own, with bounds on processes, memory and files outside of it, and with the
start-up self-test switched off, which would have refused to serve. Where one missing wall changes little, another one
covers for it: that is what there are several for.
"""


def measure(*arguments: str) -> dict[str, dict[str, object]] | str:
    """What a campaign told of each attack, or why it could not be held."""
    done = subprocess.run(
        [sys.executable, str(HERE / "campaign.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=900,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    ground, *rest = (json.loads(line) for line in done.stdout.splitlines())
    return str(ground["skipped"]) if "skipped" in ground else {str(line["attack"]): line for line in rest}


def without(walls: Sequence[str]) -> list[str]:
    return [argument for wall in walls for argument in ("--without", wall)]


def _column(arguments: list[str], names: list[str]) -> dict[str, str]:
    told = measure(*arguments, *(argument for name in names for argument in ("--only", name)))
    assert not isinstance(told, str), f"{arguments}: {told}"
    marks = {name: LEFT_OUT if "left_out" in line else HELD if line["held"] else THROUGH for name, line in told.items()}
    print(*arguments, list(marks.values()).count(THROUGH), "got through", file=sys.stderr)
    return marks


def rows_of_the_page() -> dict[str, list[str]]:
    """The marks of each attack as they stand on the page."""
    rows = re.findall(r"^\| (\w+/\w+) \| (.*) \|$", PAGE.read_text(), re.MULTILINE)
    return {name: marks.split(" | ") for name, marks in rows}


def main(names: list[str]) -> None:
    columns = [["--setting", setting] for setting in SETTINGS] + [without(walls) for walls in COLUMNS]
    measured = [_column(arguments, names) for arguments in columns]
    rows = rows_of_the_page() if names else {}
    rows |= {name: [column[name] for column in measured] for name in names or CORPUS}
    letters = [chr(ord("a") + place) for place in range(len(SETTINGS))]
    heads = ["attack", *letters, *map(str, range(1, len(COLUMNS) + 1))]
    through = [str([rows[name][place] for name in CORPUS].count(THROUGH)) for place in range(len(columns))]
    text = [
        *(f"- {letter}: {setting}" for letter, setting in zip(letters, SETTINGS, strict=True)),
        *(f"- {number}: without {', '.join(walls)}" for number, walls in enumerate(COLUMNS, start=1)),
        "\nThe last is what a process of another user is by itself.",
        "",
        f"| {' | '.join(heads)} |",
        "|---" * len(heads) + "|",
        *(f"| {name} | {' | '.join(rows[name])} |" for name in CORPUS),
        f"| **got through** | {' | '.join(through)} |",
        *(f"\nOpen: `{name}`: {attack(name).open}." for name in CORPUS if attack(name).open),
    ]
    PAGE.write_text(f"{_INTRODUCTION}\n" + "\n".join(text) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
