"""Writes one question's text into the bank's folder: the file is always the old or the new one, never a part.

Nothing but the question's own lines changes. A question that somebody changed in the folder meanwhile is left alone.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.authoring.revisions import placed_hash
from app.authoring.single import tidy
from app.bank.chunks import chunks, replaced
from app.bank.schema import Topic

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MODE = 0o644  # of a file that was not there
SPARE = ".yaml.new"  # how the names of files end that are not in their place yet


class FolderError(Exception):
    """The text was not written; the message says why. Nothing has changed."""


class UnwritableError(FolderError):
    """The folder can't be written, or not safely."""


class ChangedMeanwhileError(FolderError):
    """The question in the folder is no longer what it was when it was looked at."""


@dataclass(frozen=True)
class Edit:
    """A question's new text, None to take it out. `expected` is its `placed_hash` before, None where it was not."""

    question_id: str
    yaml: str | None
    expected: str | None


def topic_path(root: Path, topic: Topic) -> Path:
    """The topic's file. Raises UnwritableError where that lies outside the folder."""
    if not (_NAME.fullmatch(topic.area) and _NAME.fullmatch(topic.id)):
        raise UnwritableError(f"'{topic.area}/{topic.id}' is no name for a file")
    return _inside(root, root / topic.area / f"{topic.id}.yaml")


def write(root: Path, topic: Topic, edit: Edit) -> None:
    """Put the edit into the topic's file. Raises FolderError; a file that is not there is made."""
    path = topic_path(root, topic)
    try:
        path.parent.mkdir(exist_ok=True)
        with _locked(path.parent):
            before = _read(path)
            fresh = _edited(before, topic.id, edit)
            if fresh == before:
                return
            _replace(path, before, fresh)
    except OSError as error:
        raise UnwritableError(f"{path.relative_to(root.resolve())}: {error.strerror or error}") from error


def _edited(before: bytes | None, topic_id: str, edit: Edit) -> bytes | None:
    """The file with the edit in it; None where no question is left."""
    try:
        text = (before or f"topic: {topic_id}\nquestions:\n".encode()).decode()
    except UnicodeDecodeError:
        raise UnwritableError("the topic's file is not UTF-8") from None
    others = {chunk.question_id: chunk.text for chunk in chunks(text)}
    there = others.pop(edit.question_id, None)
    if there is not None and tidy(there) == edit.yaml:
        return before  # a write whose end was not taken down
    if (placed_hash(topic_id, tidy(there)) if there is not None else None) != edit.expected:
        raise ChangedMeanwhileError("the question has changed in the folder meanwhile")
    if edit.yaml is None and not others:
        return None
    fresh = replaced(text, edit.question_id, edit.yaml)
    left = {chunk.question_id: chunk.text for chunk in chunks(fresh)}
    now_there = left.pop(edit.question_id, None)
    if left != others or (tidy(now_there) if now_there is not None else None) != edit.yaml:
        raise UnwritableError("the topic's file is written in a way that can't be edited line by line")
    return fresh.encode()


def _replace(path: Path, before: bytes | None, fresh: bytes | None) -> None:
    """Under the folder's lock: the new file beside the old one, flushed, and then in its place."""
    spare = path.with_name(f".{path.stem}{SPARE}")  # one name: what a crash leaves behind, the next write takes
    if fresh is not None:
        mode = stat.S_IMODE(path.stat().st_mode) if before is not None else _MODE
        spare.unlink(missing_ok=True)
        try:
            _fill(spare, fresh, mode)
        except OSError:
            spare.unlink(missing_ok=True)  # on a full disk, part of a file is all the more in the way
            raise
    if _read(path) != before:
        spare.unlink(missing_ok=True)
        raise ChangedMeanwhileError("the file has changed meanwhile")
    if fresh is None:
        path.unlink()
    else:
        spare.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _fill(spare: Path, fresh: bytes, mode: int) -> None:
    with os.fdopen(os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode), "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(fresh)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _inside(root: Path, path: Path) -> Path:
    """The file itself behind any links, which must not lead out of the folder."""
    real = path.resolve()
    if not real.is_relative_to(root.resolve()) or real.suffix != ".yaml":
        raise UnwritableError(f"{path.relative_to(root)} leads out of the bank's folder")
    return real


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One Whetstone process at a time writes in a folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
