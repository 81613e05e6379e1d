"""The first thing that runs behind the walls: makes the granted packages importable, then becomes the warm parent."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


class GrantedPackages:
    """Finds the packages that were granted one by one, and no others that happen to lie beside them."""

    def __init__(self, packages: Mapping[str, str]) -> None:
        self._packages = dict(packages)

    def find_spec(self, name: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the spec of a granted top-level package. Submodules are found through their package's own path."""
        folder = self._packages.get(name)
        return PathFinder.find_spec(name, [folder], target) if folder is not None and path is None else None


def main(plan_text: str) -> None:
    """Serve by the app's plan, a JSON text: control, packages, libraries, readable, listable."""
    plan = json.loads(plan_text)
    sys.meta_path.append(GrantedPackages(plan["packages"]))
    from . import parent  # it needs numpy, which can be found only now

    parent.main(plan)
