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
        ("WHETSTONE_LOG", "loud"),
        ("WHETSTONE_METRICS_TOKEN", "too-short"),
        ("WHETSTONE_METRICS_TOKEN", "with spaces in the token"),
        ("WHETSTONE_METRICS_TOKEN_FILE", "/nowhere"),
        ("WHETSTONE_METRICS_TOKEN_FILE", "/dev/null"),
        ("WHETSTONE_DATABASE_URL_FILE", "/nowhere"),
        ("WHETSTONE_DRAIN_S", "-1"),
        ("WHETSTONE_DRAIN_S", "601"),
        ("WHETSTONE_DRAIN_S", "nan"),
        ("WHETSTONE_DRAIN_S", "soon"),
        ("WHETSTONE_TRUSTED_PROXIES", "proxy"),
        ("WHETSTONE_TRUSTED_PROXIES", "*"),
        ("WHETSTONE_TRUSTED_PROXIES", "0.0.0.0/0"),
        ("WHETSTONE_TRUSTED_PROXIES", "10.0.0.1/8"),
    ],
)
def test_bad_value_is_one_clear_line(tmp_path: Path, name: str, value: str) -> None:
    env = {"WHETSTONE_DATA_DIR": str(tmp_path)} | {name: value}
    with pytest.raises(SettingsError, match=name) as refused:
        from_env(env)
    assert "\n" not in str(refused.value)


def test_who_grades_follows_the_database_unless_it_is_said(tmp_path: Path) -> None:
    env = {"WHETSTONE_DATA_DIR": str(tmp_path)}
    shared = env | {"WHETSTONE_DATABASE_URL": "postgresql://here/there"}
    assert from_env(env).graders == "here"
    assert from_env(shared).graders == "workers"
    assert from_env(shared | {"WHETSTONE_GRADERS": "here"}).graders == "here"
    for wrong in (env | {"WHETSTONE_GRADERS": "workers"}, shared | {"WHETSTONE_GRADERS": "elsewhere"}):
        with pytest.raises(SettingsError, match="WHETSTONE_GRADERS"):
            from_env(wrong)


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


def test_secret_is_the_first_line_of_a_file_and_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a-token-of-the-tests\n\nand a note beside it\n")
    env = {"WHETSTONE_DATA_DIR": str(tmp_path), "WHETSTONE_METRICS_TOKEN_FILE": str(tmp_path / "token")}
    settings = from_env(env)
    assert settings.metrics_token == "a-token-of-the-tests"
    assert "a-token" not in repr(settings)


def test_refused_token_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        from_env({"WHETSTONE_DATA_DIR": str(tmp_path), "WHETSTONE_METRICS_TOKEN": "my-secret"})
    assert "my-secret" not in str(refused.value)


def test_secret_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a-token-of-the-tests")
    env = {"WHETSTONE_METRICS_TOKEN": "a-token-of-the-tests", "WHETSTONE_METRICS_TOKEN_FILE": str(tmp_path / "token")}
    with pytest.raises(SettingsError, match="one of them"):
        from_env({"WHETSTONE_DATA_DIR": str(tmp_path)} | env)


def test_proxies_are_addresses_and_networks(tmp_path: Path) -> None:
    env = {"WHETSTONE_DATA_DIR": str(tmp_path), "WHETSTONE_TRUSTED_PROXIES": " 10.0.0.5, 172.16.0.0/12 ,::1,"}
    assert from_env(env).trusted_proxies == ("10.0.0.5", "172.16.0.0/12", "::1")
    assert from_env({"WHETSTONE_DATA_DIR": str(tmp_path)}).trusted_proxies == ()
