"""The environment: what it sets, and the one clear line a bad value gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import ROOT, SettingsError, from_env


def test_defaults_are_a_local_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = from_env({})
    assert settings.data_dir == tmp_path / "data"
    assert settings.questions_dir == ROOT / "questions"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.is_loopback


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "eighty"),
        ("PORT", "８０００"),
        ("WHETSTONE_HOST", "http://here"),
        ("WHETSTONE_HOST", "a b"),
        ("WHETSTONE_DATABASE_URL", "nonsense"),
        ("WHETSTONE_DATABASE_URL", "mysql://here/there"),
        ("WHETSTONE_DATABASE_URL", "sqlite://"),
        ("WHETSTONE_DATABASE_URL", "postgresql://here"),
        ("WHETSTONE_DATABASE_URL", "postgresql://here:port/there"),
        ("WHETSTONE_QUESTIONS_DIR", "/nowhere"),
        ("WHETSTONE_DATA_DIR", "/proc/nowhere"),
    ],
)
def test_bad_value_is_one_clear_line(tmp_path: Path, name: str, value: str) -> None:
    env = {"WHETSTONE_DATA_DIR": str(tmp_path)} | {name: value}
    with pytest.raises(SettingsError, match=name) as refused:
        from_env(env)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("host", "loopback"), [("localhost", True), ("::1", True), ("127.0.0.9", True), ("0.0.0.0", False), ("::", False)]
)
def test_loopback_is_told_from_a_network(tmp_path: Path, host: str, loopback: bool) -> None:
    assert from_env({"WHETSTONE_DATA_DIR": str(tmp_path), "WHETSTONE_HOST": host}).is_loopback is loopback


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_is_told_from_sqlite_however_its_address_is_written(tmp_path: Path, scheme: str) -> None:
    address = "://ada:p%40ss@db.example:5433/whetstone?sslmode=require"
    env = {"WHETSTONE_DATA_DIR": str(tmp_path)}
    settings = from_env(env | {"WHETSTONE_DATABASE_URL": scheme + address})
    assert settings.is_postgresql
    assert settings.database_url == "postgresql+psycopg" + address
    assert not from_env(env).is_postgresql


@pytest.mark.parametrize("url", ["postgresql://ada:secret@here", "mysql://ada:secret@here/there", "ada:secret@here"])
def test_password_in_a_database_url_is_never_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        from_env({"WHETSTONE_DATA_DIR": str(tmp_path), "WHETSTONE_DATABASE_URL": url})
    assert "secret" not in str(refused.value)
    good = {"WHETSTONE_DATA_DIR": str(tmp_path), "WHETSTONE_DATABASE_URL": "postgresql://ada:secret@here/there"}
    assert "secret" not in repr(from_env(good))
