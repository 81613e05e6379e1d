"""Every file of the corpus is submitted, must end as its first lines say, and must leave the next submission unharmed.

In five settings, each one run of `campaign.py`. Where a machine does not allow a setting, its tests are skipped and say
why; nothing is counted as held that was not tried.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache

import pytest
from campaign import CORPUS, HERE, ROOT, SETTINGS, attack


@pytest.fixture(scope="session")
def told() -> Callable[..., dict[str, dict[str, object]]]:
    """What a campaign told of each attack, run once. Skips the test when the campaign could not take its ground."""

    @cache
    def lines(*arguments: str) -> list[dict[str, object]]:
        done = subprocess.run(
            [sys.executable, str(HERE / "campaign.py"), *arguments],
            capture_output=True,
            text=True,
            timeout=600,
            env=os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def read(*arguments: str) -> dict[str, dict[str, object]]:
        ground, *rest = lines(*arguments)
        if "skipped" in ground:
            pytest.skip(str(ground["skipped"]))
        return {str(line["attack"]): line for line in rest}

    return read


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        pytest.param(setting, name, marks=pytest.mark.xdist_group(setting), id=f"{setting}-{name}")
        for setting in SETTINGS
        for name in CORPUS
    ],
)
def test_attack_ends_as_it_must_and_harms_nobody(told, request, setting, name):
    line = told("--setting", setting)[name]
    if "left_out" in line:
        pytest.skip(str(line["left_out"]))
    if attack(name).open:
        request.applymarker(pytest.mark.xfail(strict=True, reason=attack(name).open))
    assert line["held"], line


def test_corpus_says_of_every_attack_what_it_must_come_to():
    assert len(CORPUS) >= 90
    assert [name for name in CORPUS if not attack(name).must] == []
