"""Room on the disks, and where may be written."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from app.checkup.finding import Finding, fault, good, notice

AREA = "disk"
_SCARCE = 512 << 20  # bytes, below which a busy day may fill it
_FEW_FILES = 1000


def examine(data_dir: Path, questions_dir: Path) -> list[Finding]:
    """Of the data folder, the folder for temporary files, and the questions."""
    return [
        *_room("data folder", data_dir, _SCARCE),
        *_room("temporary files", Path(tempfile.gettempdir()), _SCARCE // 8),
        _questions(questions_dir),
    ]


def _room(name: str, folder: Path, scarce: int) -> list[Finding]:
    if not folder.exists() and (above := next(it for it in folder.parents if it.exists())):
        return [replace(it, why=f"{folder} is not there yet; {it.why}") for it in _room(name, above, scarce)]
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"probe")
            probe.flush()
        free = shutil.disk_usage(folder).free
        files = os.statvfs(folder).f_favail
    except OSError as error:
        return [
            fault(
                AREA, name, f"{folder} can't be written: {error.strerror}", "give the server's user the right, or room"
            )
        ]
    why = f"{folder} has {free / (1 << 30):.1f} GiB free"
    if free < scarce:
        return [fault(AREA, name, why, "make room: old backups, logs, before-restore-… folders; or a larger disk")]
    if 0 < files < _FEW_FILES:
        return [fault(AREA, name, f"{folder} has room for {files} files only", "remove files, or use another disk")]
    return [good(AREA, name, why)]


def _questions(folder: Path) -> Finding:
    if os.access(folder, os.W_OK):
        return good(AREA, "questions", f"{folder} can be written")
    return notice(
        AREA, "questions", f"{folder} can't be written", "what is published in the browser then stays in the database"
    )
