"""The example dashboard, alerts and scrape configuration: whatever they ask for is there to be asked."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient
from prepared import prepare
from prometheus_client.parser import text_string_to_metric_families

from app.main import create_app
from app.settings import ROOT, Settings

OPERATIONS = ROOT / "docs" / "operations"
SAMPLES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
WORDS = {
    "by", "sum", "max", "min", "rate", "increase", "count", "topk", "histogram_quantile", "up", "job", "instance",
}  # fmt: skip
LABELS = {
    "whetstone_request_seconds": {"method", "route", "status", "le"},
    "whetstone_verdicts": {"verdict", "mode"},
    "whetstone_verdict_seconds": {"mode", "le"},
    "whetstone_reviews": {"rating"},
}


def dashboard() -> list[str]:
    panels = json.loads((OPERATIONS / "grafana-dashboard.json").read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((OPERATIONS / "alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


EXPRESSIONS = [*dashboard(), *(rule["expr"] for rule in rules())]


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Each sample's labels by its name, as a server that has done nothing yet tells them."""
    folder = tmp_path_factory.mktemp("dashboard")
    settings = Settings(folder, ROOT / "questions", prepare(folder), "127.0.0.1", 8000)
    with TestClient(create_app(settings), base_url="http://127.0.0.1", client=("127.0.0.1", 50_000)) as client:
        families = list(text_string_to_metric_families(client.get("/metrics").text))
    found: dict[str, set[str]] = {}
    for family in families:
        labels = LABELS.get(family.name, set()) | {label for it in family.samples for label in it.labels}
        for suffix in SAMPLES.get(family.type, ()):
            found[family.name + suffix] = labels
    return found


def names(expression: str) -> set[str]:
    """Whatever in it is neither a word of the language, nor a label, nor a value."""
    bare = re.sub(r'\{[^}]*\}|\[[^]]*\]|"[^"]*"|\bby \([^)]*\)', " ", expression)
    return set(re.findall(r"[a-z_]{2,}", bare)) - WORDS


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression_names_metrics_and_labels_that_exist(expression: str, exposed: dict[str, set[str]]) -> None:
    asked = names(expression)
    assert asked <= set(exposed), asked - set(exposed)
    grouped = {label for it in re.findall(r"\bby \(([^)]*)\)", expression) for label in it.split(", ")}
    filtered = {label for it in re.findall(r"\{([^}]*)\}", expression) for label in re.findall(r"(\w+)=", it)}
    known = set().union(*(exposed[name] for name in asked)) | {"instance", "job"}
    assert grouped | filtered <= known
    assert expression.count("(") == expression.count(")")


def test_slip_in_a_name_is_found(exposed: dict[str, set[str]]) -> None:
    assert not names("sum(rate(whetstone_request_count[5m]))") <= set(exposed)
    assert not names("max(whetstone_login)") <= set(exposed)


def test_every_metric_of_ours_is_on_the_dashboard_or_watched(exposed: dict[str, set[str]]) -> None:
    shown = set().union(*map(names, EXPRESSIONS))
    ours = {name.removesuffix("_bucket") for name in exposed if name.startswith("whetstone_")}
    ours = {name for name in ours if not name.endswith(("_sum", "_count", "_seconds_count"))}
    seen = {name.removesuffix("_bucket").removesuffix("_count") for name in shown} | shown
    assert ours - seen == set()


def test_panels_lie_beside_each_other_and_each_asks_something() -> None:
    made = json.loads((OPERATIONS / "grafana-dashboard.json").read_text())
    places = set()
    for panel in made["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + dx, at["y"] + dy) for dx in range(at["w"]) for dy in range(at["h"])}
        assert not cells & places, panel["title"]
        assert at["x"] + at["w"] <= 24
        places |= cells
        assert panel["type"] == "row" or panel["targets"]
    assert len({panel["id"] for panel in made["panels"]}) == len(made["panels"])


def test_each_alert_says_how_bad_it_is_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in rules()}) == len(rules())
    for rule in rules():
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"].endswith((".", "?"))


def test_scrape_configuration_asks_the_place_that_there_is_and_reads_the_rules(settings: Settings) -> None:
    made = yaml.safe_load((OPERATIONS / "prometheus.yml").read_text())
    job, workers = made["scrape_configs"]
    assert [(OPERATIONS / name).is_file() for name in made["rule_files"]] == [True]
    (jobs,) = set(re.findall(r'job=~"([^"]*)"', "".join(EXPRESSIONS)))
    assert all(re.fullmatch(jobs, it["job_name"]) for it in (job, workers))
    app = create_app(replace(settings, metrics_token="a-token-of-the-tests"))
    with TestClient(app, base_url="http://app:8000") as client:
        said = {"authorization": f"Bearer {'a-token-of-the-tests'}"}  # what `authorization` sends, by default
        assert client.get(job["metrics_path"], headers=said).status_code == 200
