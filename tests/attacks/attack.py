"""One file of the corpus: a program, and what its docstring says that it must come to.

must: an ending | another      how the load, or the call, may end; each call, with " then " between them
graded: a verdict | another    instead: the verdict of a question about it, whose words are looked at too
without bubblewrap: an ending  what only the outer wall keeps from it
lib: torch    calls: 3         what it is run with, and how often its function is called
seconds: 1                     of processor time, where it needs more than others to come to its end
jobs: plant, look              submitted once for each of these words, to different processes; the last one counts
not without: seccomp           it would be dangerous there
open: why                      it gets through, and what has to change
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
CORPUS = {str(path.relative_to(HERE / "corpus").with_suffix("")): path for path in sorted(HERE.glob("corpus/*/*.py"))}


@dataclass(frozen=True)
class Attack:
    """One file of the corpus, ready to be submitted."""

    name: str
    source: str
    takes_facts: bool
    must: tuple[str, ...]
    behind_inner_walls: tuple[str, ...]
    graded: bool
    lib: str
    calls: int
    cpu_s: float
    steps: tuple[str, ...]
    dangerous_without: frozenset[str]
    open: str


@cache
def attack(name: str) -> Attack:
    source = CORPUS[name].read_text()
    tree = ast.parse(source)
    lines: dict[str, list[str]] = {}
    for line in (ast.get_docstring(tree) or "").splitlines()[1:]:
        key, _, rest = line.partition(": ")
        lines.setdefault(key, []).append(rest)

    def choices(key: str, mark: str = " | ") -> tuple[str, ...]:
        return tuple(choice.strip() for line in lines.get(key, []) for choice in line.split(mark))

    return Attack(
        name=name,
        source=_prelude(source) + source,
        takes_facts=any(
            isinstance(node, ast.FunctionDef) and node.name == "f" and node.args.args for node in tree.body
        ),
        must=choices("must") + choices("graded"),
        behind_inner_walls=choices("without bubblewrap"),
        graded="graded" in lines,
        lib=lines.get("lib", ["numpy"])[0],
        calls=int(lines.get("calls", ["1"])[0]),
        cpu_s=float(lines.get("seconds", ["0.3"])[0]),
        steps=choices("jobs", ","),
        dangerous_without=frozenset(choices("not without", ",")),
        open=" ".join(lines.get("open", [])),
    )


def _prelude(source: str) -> str:
    """One line that makes the modules beside this script importable where the attack imports them."""
    modules = [name for name in ("raw", "forge") if f"from {name} import" in source]
    parts = [
        f"sys.modules[{name!r}] = types.ModuleType({name!r}); "
        f"exec({(HERE / f'{name}.py').read_text()!r}, sys.modules[{name!r}].__dict__)"
        for name in modules
    ]
    return f"import sys, types; {'; '.join(parts)}\n" if parts else "\n"
