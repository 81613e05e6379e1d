"""Moves single files: a power cut at any moment leaves each of them whole, in one of its two places or in both."""

from __future__ import annotations

import errno
import filecmp
import os
import shutil
from pathlib import Path

from app.moving.tables import MoveError

_HALF = ".whetstone-half-moved"  # begins with a dot, and so is not of the question bank


def sync(path: Path) -> None:
    """Have a file's content, or the names in a folder, on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """With those above it, and on disk."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)


def relocate(here: Path, there: Path) -> None:
    """Move a file to where there is none, in a folder that there is. It is on disk when this returns."""
    try:
        here.rename(there)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _carry(here, there)
    sync(there.parent)
    sync(here.parent)


def take_back(here: Path, there: Path) -> None:
    """Undo `relocate`, whether it was done, half done or not begun. May be broken off, and called again.

    Raises MoveError, and touches nothing, where somebody else has put a file into either place or taken it away.
    """
    for place in (here, there):
        place.with_name(_HALF).unlink(missing_ok=True)
    if not os.path.lexists(there):
        if not os.path.lexists(here):
            raise MoveError(f"{here} is neither there nor at {there}; put it back by hand")
    elif not os.path.lexists(here):
        make_folder(here.parent)
        relocate(there, here)
    elif _are_same(here, there):  # all that was left to do was to remove one of them
        sync(here.parent)
        there.unlink()
        sync(there.parent)
    else:
        raise MoveError(f"{here} and {there} are both there, and differ; move the one that is not wanted away")


def _carry(here: Path, there: Path) -> None:
    """To another disk."""
    half = there.with_name(_HALF)
    half.unlink(missing_ok=True)
    shutil.copy2(here, half, follow_symlinks=False)
    if not half.is_symlink():
        sync(half)
    half.rename(there)
    sync(there.parent)
    here.unlink()


def _are_same(one: Path, other: Path) -> bool:
    if one.is_symlink() or other.is_symlink():
        return one.is_symlink() and other.is_symlink() and one.readlink() == other.readlink()
    return filecmp.cmp(one, other, shallow=False)
