"""A data folder as a first start leaves it, made once a process, so that not every test pays for a first start."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from app.authoring.folder import Folder
from app.db import Database
from app.settings import ROOT
from app.web.watcher import BankSync

DATABASE = "whetstone.sqlite3"
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


def prepare(data_dir: Path) -> None:
    """Put the parsed bank there, and a database that has every question's first revision and nothing else."""
    shutil.copytree(_made().name, data_dir, dirs_exist_ok=True)


@cache
def _made() -> TemporaryDirectory[str]:  # held by the cache, removed at the process's end
    folder = TemporaryDirectory(prefix="whetstone-prepared-")
    cache_dir = Path(folder.name) / "cache"
    database = Database(f"sqlite:///{folder.name}/{DATABASE}")
    database.migrate()
    BankSync(database, Folder(ROOT / "questions", cache_dir), lambda: BEGAN, cache_dir=cache_dir, writes=False)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return folder
