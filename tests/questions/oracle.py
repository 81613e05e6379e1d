"""An oracle: what a reference must return, worked out independently, by a library or by code written another way.

Each area has a module in `oracles/` with a list `ORACLES`; `test_references` runs them all. An oracle's answer is held
against the reference's as a learner's would be, under the question's own contract, but much more strictly.
"""

from __future__ import annotations

import copy
import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from bank_code import code_question

from app.bank.schema import Contract
from app.grading.compare import compare
from app.sandbox import Tensor

Inputs = Callable[[np.random.Generator], Sequence[object]]


@dataclass(frozen=True)
class Oracle:
    """`answer` takes what the reference takes; `inputs(rng)` makes the arguments of one call.

    Where the reference must raise, `answer` raises an error of that type. Floats must agree within `rtol` and `atol`
    (or the contract's own tolerance, if that is less). `needs` are modules without which it can't run, such as torch.
    """

    question: str
    answer: Callable[..., Any]
    inputs: Inputs
    rtol: float = 1e-9
    atol: float = 1e-12
    rounds: int = 200
    needs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.question}, {self.answer.__name__}, {self.inputs.__name__}"

    @property
    def missing(self) -> list[str]:
        return [module for module in self.needs if importlib.util.find_spec(module) is None]

    def disagreement(self, reference: Callable[..., Any], args: Sequence[object]) -> str | None:
        """How they differ on these arguments, if they do."""
        contract = self._contract()
        ours, theirs = _outcome(reference, args), _outcome(self.answer, args)
        if isinstance(ours, Exception) or isinstance(theirs, Exception):
            same = isinstance(ours, Exception) and isinstance(theirs, Exception) and isinstance(ours, type(theirs))
            return None if same else f"the reference gives {ours!r}, the oracle {theirs!r}"
        mismatch = compare(_carried(ours), _carried(theirs), contract, tuple(map(_carried, args)))
        return mismatch.message.en if mismatch else None

    def _contract(self) -> Contract:
        contract = code_question(self.question).contract
        return contract.model_copy(
            update={"rtol": min(self.rtol, contract.rtol), "atol": min(self.atol, contract.atol)}
        )


def all_oracles() -> list[Oracle]:
    """Those of every module in `oracles/`."""
    names = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent / "oracles")]))
    return [oracle for name in names for oracle in importlib.import_module(f"oracles.{name}").ORACLES]


def _outcome(function: Callable[..., Any], args: Sequence[object]) -> Any:
    """What it returns for copies of the arguments, or the error that it raises."""
    try:
        return function(*copy.deepcopy(list(args)))
    except Exception as error:
        return error


def _carried(value: Any) -> Any:
    """As the sandbox hands it to the comparison: torch tensors as `Tensor`."""
    if type(value).__module__.partition(".")[0] == "torch" and hasattr(value, "detach"):
        return Tensor(value.detach().numpy())
    if isinstance(value, list | tuple):
        return type(value)(map(_carried, value))
    return {key: _carried(entry) for key, entry in value.items()} if isinstance(value, dict) else value
