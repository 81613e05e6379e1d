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
