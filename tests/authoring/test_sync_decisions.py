"""Who is followed, for every combination of what folder and database say and last agreed on."""

from __future__ import annotations

from itertools import product

import pytest

from app.authoring.sync import Step, decide

SAYS = (None, "a", "b", "c")  # None: the question is not there


@pytest.mark.parametrize(("folder", "agreed", "database"), list(product(SAYS, repeat=3)))
def test_who_changed_alone_is_followed_and_two_changes_are_a_conflict(
    folder: str | None, agreed: str | None, database: str | None
) -> None:
    step = decide(folder, agreed, database)
    folder_changed, database_changed = folder != agreed, database != agreed
    if not folder_changed and not database_changed:
        assert step is Step.in_sync
    elif folder == database:
        assert step is Step.agree
    elif folder_changed and database_changed:
        assert step is Step.conflict
    else:
        assert step is (Step.pull if folder_changed else Step.push)


@pytest.mark.parametrize(("folder", "agreed", "database"), list(product(SAYS, repeat=3)))
def test_after_the_step_both_sides_are_in_sync(folder: str | None, agreed: str | None, database: str | None) -> None:
    match decide(folder, agreed, database):
        case Step.pull:
            assert decide(folder, folder, folder) is Step.in_sync
        case Step.push:
            assert decide(database, database, database) is Step.in_sync
        case Step.conflict:  # whoever is chosen: the folder's text counts as agreed, and the choice is newer
            assert decide(folder, folder, "chosen") is Step.push
        case _:
            assert folder == database
