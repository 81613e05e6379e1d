"""Every file of the corpus is submitted, must end as its first lines say, and must leave the next submission unharmed.

In five settings, each one run of `campaign.py`. Where a machine does not allow a setting, its tests are skipped and say
why; nothing is counted as held that was not tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from attack import CORPUS, attack
from campaign import SETTINGS
from matrix import measure


@pytest.fixture(scope="session")
def told() -> Iterator[Callable[[str], dict[str, dict[str, object]] | str]]:
    """What the campaign of a setting told. Two run at a time: they wait for clocks more than they compute."""
    with ThreadPoolExecutor(2) as pool:
        campaigns = {setting: pool.submit(measure, "--setting", setting) for setting in SETTINGS}
        yield lambda setting: campaigns[setting].result()
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize(
    ("setting", "name"),
    [pytest.param(setting, name, id=f"{setting}-{name}") for setting in SETTINGS for name in CORPUS],
)
def test_attack_ends_as_it_must_and_harms_nobody(told, request, setting, name):
    lines = told(setting)
    if isinstance(lines, str):
        pytest.skip(lines)
    if "left_out" in lines[name]:
        pytest.skip(str(lines[name]["left_out"]))
    if attack(name).open:
        request.applymarker(pytest.mark.xfail(strict=True, reason=attack(name).open))
    assert lines[name]["held"], lines[name]


def test_corpus_says_of_every_attack_what_it_must_come_to():
    assert len(CORPUS) >= 90
    assert [name for name in CORPUS if not attack(name).must] == []
