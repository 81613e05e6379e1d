"""Faults planted one by one in a sound bank: each is told where it is, with what to do, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from chinese import assert_chinese

from app.authoring.check import check
from app.bank.findings import Finding
from app.sandbox import Sandbox

HERE = Path(__file__).parent
TOPIC = (HERE / "sound.yaml").read_text(encoding="utf-8")
PLANTED = yaml.safe_load((HERE / "planted-faults.yaml").read_text(encoding="utf-8"))
SOUND = {
    "detection/iou.yaml": TOPIC,
    "topics.yaml": """\
areas:
- {id: detection, title: {en: Detection, zh: 检测}}
- {id: other, title: {en: Other, zh: 其他}}
topics:
- id: iou
  area: detection
  title: {en: IoU, zh: 交并比}
  kinds: [single-choice, numeric]
  facts: {f1: It is a ratio., f2: It has a numerator.}
""",
    "errata.yaml": "- {id: e001, says: a, right: b, source: c, severity: wrong, topics: [iou]}\n",
    "glossary.yaml": "- {en: non-maximum suppression, zh: 非极大值抑制, avoid: [非最大抑制]}\n",
}


def found(folder: Path, files: dict[str, str], sandbox: Sandbox) -> tuple[Finding, ...]:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return check([], folder, sandbox, None).findings


def told(folder: Path, files: dict[str, str], sandbox: Sandbox) -> list[str]:
    """What the gate says of a bank, with paths from its folder."""
    return [_shown(finding, folder) for finding in found(folder, files, sandbox)]


def _shown(finding: Finding, folder: Path) -> str:
    return str(finding).removeprefix(f"{folder}/").removeprefix("detection/")


def test_the_sound_bank_has_no_faults(tmp_path: Path, sandbox: Sandbox) -> None:
    assert told(tmp_path, SOUND, sandbox) == []


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted["fault"])
def test_a_planted_fault_is_told_in_its_place_with_a_mend_in_both_languages(
    tmp_path: Path, sandbox: Sandbox, planted: dict[str, Any]
) -> None:
    assert TOPIC.count(planted["old"]) == 1
    broken = TOPIC.replace(planted["old"], planted["new"])
    findings = found(tmp_path, SOUND | {"detection/iou.yaml": broken}, sandbox)
    assert [_shown(finding, tmp_path) for finding in findings] == planted["told"]
    for finding in findings:
        assert_chinese(finding.where)
        assert_chinese(finding.told)


def test_a_file_in_the_folder_of_another_area_is_told(tmp_path: Path, sandbox: Sandbox) -> None:
    files = {name: text for name, text in SOUND.items() if name != "detection/iou.yaml"} | {"other/iou.yaml": TOPIC}
    assert told(tmp_path, files, sandbox) == [
        "other/iou.yaml:1:1: 'iou' belongs to the area 'detection'; move the file to questions/detection/"
    ]
