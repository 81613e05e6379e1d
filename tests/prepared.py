"""A data folder as a first start leaves it, made once a process, so that not every test pays for a first start."""

from __future__ import annotations

import gc
import shutil
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from databases import copied_database, new_database, on_postgresql, template_database

from app.authoring.folder import Folder
from app.db import Database
from app.settings import ROOT
from app.web.watcher import BankSync

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


def prepare(data_dir: Path) -> str:
    """Put the parsed bank there; the address of a database with every question's first revision and nothing else."""
    folder, url = _made(postgresql=on_postgresql())
    shutil.copytree(Path(folder.name) / "cache", data_dir / "cache", dirs_exist_ok=True)
    return copied_database(data_dir, url)


@cache
def _made(*, postgresql: bool) -> tuple[TemporaryDirectory[str], str]:  # until the process ends
    folder = TemporaryDirectory(prefix="whetstone-prepared-")
    cache_dir = Path(folder.name) / "cache"
    url = template_database() if postgresql else new_database(Path(folder.name))
    database = Database(url)
    database.migrate()
    BankSync(database, Folder(ROOT / "questions", cache_dir), lambda: BEGAN, cache_dir=cache_dir, writes=False)
    if not postgresql:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    gc.collect()
    gc.freeze()  # the questions stay as long as the process: a quarter of its time would go into looking through them
    return folder, url
