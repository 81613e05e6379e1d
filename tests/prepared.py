"""A data folder as a first start leaves it, made once a process, so that not every test pays for a first start."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from app.bank.loader import load_bank
from app.db import Database
from app.settings import ROOT

DATABASE = "whetstone.sqlite3"


def prepare(data_dir: Path) -> None:
    """Put the parsed bank and an empty database of the newest schema there."""
    shutil.copytree(_made().name, data_dir, dirs_exist_ok=True)


@cache
def _made() -> TemporaryDirectory[str]:  # held by the cache, removed at the process's end
    folder = TemporaryDirectory(prefix="whetstone-prepared-")
    load_bank(ROOT / "questions", Path(folder.name) / "cache")
    database = Database(f"sqlite:///{folder.name}/{DATABASE}")
    database.migrate()
    database.close()
    return folder
