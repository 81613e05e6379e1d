"""People and their browsers notice nothing of a move to another machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cast import school
from databases import empty_database
from fastapi.testclient import TestClient
from local_stage import Clock

from app.main import create_app
from app.moving.archive import Archive
from app.moving.backup import Instance, back_up
from app.moving.restore import restore
from app.settings import Settings


def test_browsers_stay_logged_in_on_a_restored_instance(settings: Settings, clock: Clock, tmp_path: Path) -> None:
    with school(settings, clock) as cast:
        bob = cast.browser("bob")
        back_up(cast.services.db, Instance(settings.data_dir, settings.questions_dir), tmp_path / "b.tar.gz", clock())
    folder = tmp_path / "restored"
    folder.mkdir()
    there = replace(
        settings,
        host="0.0.0.0",
        data_dir=folder,
        questions_dir=folder / "questions",
        database_url=empty_database(folder),
    )
    archive = Archive(tmp_path / "b.tar.gz")
    restore(archive, there.database_url, Instance(folder, there.questions_dir), clock(), replace=False)
    archive.close()
    with TestClient(create_app(there, clock), follow_redirects=False) as client:
        assert client.get("/account").status_code in {302, 303}, "strangers have to log in"
        client.cookies = bob.cookies
        page = client.get("/account")
        assert page.status_code == 200
        assert "bob" in page.text
