"""The image's recipe and the compose files, read: no engine runs here, so what would break is looked for by hand."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.cli import parser
from app.settings import ROOT, Settings, from_env

HOME = "/srv/whetstone"


@dataclass
class Stage:
    """The steps after one FROM."""

    name: str
    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [said for name, said in self.steps if name == instruction]


def stages() -> list[Stage]:
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
    found: list[Stage] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, said = line.split(maxsplit=1)
        if name == "FROM":
            base, *alias = said.split(" AS ")
            found.append(Stage(alias[0] if alias else "", base))
        else:
            found[-1].steps.append((name, said))
    return found


BUILD, FINAL = stages()


def copied(stage: Stage, origin: str | None) -> dict[str, str]:
    """What is copied from the context (None) or a stage, by where it lies afterwards, below the working folder."""
    found = {}
    for said in stage.all("COPY"):
        words = shlex.split(said)
        options = [word for word in words if word.startswith("--")]
        *sources, target = [word for word in words if not word.startswith("--")]
        if options == ([f"--from={origin}"] if origin else []):
            for source in sources:
                name = source.removeprefix(f"{HOME}/")
                found[name if target == "./" else target] = name
    return found


@cache
def ignored() -> list[str]:
    return [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line]


# --- the image ---


def test_everything_that_is_copied_exists_and_is_not_ignored() -> None:
    sources = {*copied(BUILD, None).values(), *copied(FINAL, None).values()}
    assert {"pyproject.toml", "constraints.txt", "app", "templates", "static", "questions"} <= sources
    for source in sources:
        assert (ROOT / source).exists(), source
        assert source not in ignored(), source


def test_what_make_needs_to_build_is_there_before_it_runs() -> None:
    makefile = (ROOT / "Makefile").read_text()
    named = set(re.findall(r"\b(pyproject\.toml|constraints\.txt|package(?:-lock)?\.json)\b", makefile))
    assert named | {"Makefile", ".npmrc", "README.md"} <= set(copied(BUILD, None))  # README.md: pyproject names it
    kinds = [name for name, _ in BUILD.steps]
    assert kinds.index("RUN") < kinds.index("COPY") < len(kinds) - 1 - kinds[::-1].index("RUN")


def test_steps_are_those_of_the_makefile() -> None:
    (target,) = re.findall(r"\bmake (\w+) PYTHON=python3$", "\n".join(BUILD.all("RUN")), re.MULTILINE)
    recipe = re.search(rf"^{target}:(?P<needs>.*)\n(?P<steps>(?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.M)
    assert recipe is not None
    assert "static/dist/manifest.json" in recipe["needs"]
    assert "--constraint constraints.txt --editable .\n" in recipe["steps"]
    assert "[dev]" not in recipe["steps"]
    assert "pip install" not in "\n".join(FINAL.all("RUN"))


def test_final_stage_has_what_serving_and_grading_read_and_nothing_to_build_with() -> None:
    there = {**copied(FINAL, "build"), **copied(FINAL, None)}
    assert set(there) == {".run", "app", "templates", "static/dist", "questions"}
    assert all(target == source for target, source in there.items())
    read = set(re.findall(r'ROOT / "([a-z]+)"', "\n".join(it.read_text() for it in (ROOT / "app").rglob("*.py"))))
    assert read <= {target.split("/")[0] for target in there}  # what the code looks for beside itself
    assert FINAL.all("WORKDIR") == BUILD.all("WORKDIR") == [HOME]  # the packages' scripts name their place


def test_both_stages_have_the_python_that_is_asked_for() -> None:
    wanted = re.search(r'requires-python = ">=(3\.\d+)"', (ROOT / "pyproject.toml").read_text())
    assert wanted is not None
    assert {stage.base for stage in (BUILD, FINAL)} == {f"python:{wanted[1]}-slim-bookworm"}


def test_user_is_not_root_and_owns_the_data_alone() -> None:
    kinds = [name for name, _ in FINAL.steps]
    assert FINAL.all("USER") == ["whetstone"]
    assert kinds.index("USER") > max(at for at, kind in enumerate(kinds) if kind in ("RUN", "COPY"))
    assert "--uid 10001" in FINAL.all("RUN")[0]
    assert not [said for said in FINAL.all("COPY") if "--chown" in said]  # what runs cannot change itself


def image_environment() -> dict[str, str]:
    return dict(word.split("=", 1) for said in FINAL.all("ENV") for word in shlex.split(said))


def test_settings_of_the_image_are_read(tmp_path: Path) -> None:
    env = image_environment()
    assert env["PATH"] == f"{HOME}/.run/bin:$PATH"
    assert FINAL.all("VOLUME") == [env["WHETSTONE_DATA_DIR"]] == ["/data"]
    settings = from_env(env | {"WHETSTONE_DATA_DIR": str(tmp_path)})
    assert not settings.is_loopback
    assert settings.log == "json"
    assert FINAL.all("EXPOSE") == [str(settings.port)]


def test_no_secret_is_baked_in() -> None:
    assert not [name for name in image_environment() if re.search("PASSWORD|TOKEN|SECRET|URL", name)]


def test_health_is_asked_for_by_a_program_that_compiles() -> None:
    (said,) = FINAL.all("HEALTHCHECK")
    python, flag, program = json.loads(said[said.index("[") :])
    assert (python, flag) == ("python", "-c")
    compile(program, "healthcheck", "exec")
    assert "/healthz" in program


def test_started_command_is_one_that_exists() -> None:
    (said,) = FINAL.all("CMD")
    program, *arguments = json.loads(said)
    assert program == "whetstone"
    assert parser().parse_args(arguments).module == "serving"


# --- compose ---


def compose(name: str = "compose.yaml") -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())
    return read


SERVICES = ("app", "worker", "postgres")


def test_three_services_each_as_bare_as_a_container_can_be() -> None:
    services = compose()["services"]
    assert tuple(services) == SERVICES
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges=true"], name
        assert any(it.startswith("/tmp") for it in service["tmpfs"]), name
        assert service.get("user", "whetstone") != "root", name
        assert "privileged" not in service, name
        assert "cap_add" not in service, name
    assert services["app"]["ports"] == ["${PUBLISH:-127.0.0.1:8000}:8000"]
    assert "ports" not in services["worker"]
    assert "ports" not in services["postgres"]  # nobody but the app and the workers


def test_no_password_has_a_default() -> None:
    """A variable with `?` stops compose with its message. Only a token that may be missing has an empty default."""
    for name, service in compose()["services"].items():
        for variable, given in service.get("environment", {}).items():
            if re.search("PASSWORD|DATABASE_URL", variable):
                assert re.search(r"\$\{[A-Z_]+:?\?[^}]+\}", given), f"{name}: {variable}"
    assert compose()["services"]["app"]["environment"]["WHETSTONE_METRICS_TOKEN"] == "${METRICS_TOKEN:-}"


def test_every_variable_of_compose_is_in_the_example_with_no_secret_filled_in() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "compose.yaml").read_text()))
    lines = [it for it in (ROOT / "deploy/env.example").read_text().splitlines() if it and not it.startswith("#")]
    given = dict(line.split("=", 1) for line in lines)
    assert asked == set(given)
    assert {name for name in given if re.search("PASSWORD|TOKEN", name) and given[name]} == set()


@pytest.mark.parametrize("service", ["app", "worker"])
def test_services_are_given_settings_that_the_product_reads(service: str, tmp_path: Path) -> None:
    made = compose()["services"][service]["environment"]
    filled = {name: re.sub(r"\$\{([A-Z_]+)(?::?[-?]([^}]*))?\}", "x123456789", str(it)) for name, it in made.items()}
    filled |= {"WHETSTONE_DATA_DIR": str(tmp_path), "WHETSTONE_DRAIN_S": "5", "WHETSTONE_TRUSTED_PROXIES": "10.0.0.1"}
    if "WHETSTONE_METRICS_TOKEN" in filled:
        filled["WHETSTONE_METRICS_TOKEN"] *= 2
    settings: Settings = from_env(filled)
    assert settings.database_url.startswith("postgresql")
    assert "@postgres/whetstone" in settings.database_url


def test_services_wait_for_what_they_need_and_stop_later_than_they_drain() -> None:
    services = compose()["services"]
    assert services["app"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert services["worker"]["depends_on"] == {"app": {"condition": "service_healthy"}}  # it brings the schema
    assert services["postgres"]["healthcheck"]["test"][0] == "CMD"
    assert services["app"]["stop_grace_period"] == "30s"  # 15 to drain at most, 5 to finish, 10 to grade


def test_kept_data_is_in_named_volumes_alone() -> None:
    made = compose()
    mounts = [mount for service in made["services"].values() for mount in service.get("volumes", [])]
    assert {mount.split(":")[0] for mount in mounts} == set(made["volumes"])


def test_outer_wall_s_file_adds_for_both_that_run_code_what_bubblewrap_needs() -> None:
    services = compose("deploy/outer-wall.yaml")["services"]
    assert set(services) == {"app", "worker"}
    for service in services.values():
        options = dict(it.split("=", 1) for it in service["security_opt"])
        assert options == {
            "seccomp": "deploy/seccomp.json",
            "apparmor": "unconfined",
            "systempaths": "unconfined",
        }
        assert (ROOT / options["seccomp"]).is_file()


def test_each_service_of_ours_starts_by_a_command_that_there_is() -> None:
    for service, module in (("app", "serving"), ("worker", "working")):
        program, *arguments = compose()["services"][service]["command"]
        assert program == "whetstone"
        assert parser().parse_args(arguments).module == module
    health = compose()["services"]["worker"]["healthcheck"]["test"]
    port = compose()["services"]["worker"]["command"][-1].rpartition(":")[2]
    assert f"127.0.0.1:{port}" in health[-1]
    compile(health[-1], "healthcheck", "exec")
