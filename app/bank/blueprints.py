"""Reads the blueprints of mock interviews: `questions/interviews/<id>.yaml`, one a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.bank.cache import ParseCache
from app.bank.catalog import Bank
from app.bank.findings import Complaint, Finding, near
from app.bank.loader import LoadedFile, locate, whole
from app.bank.schema.blueprint import Blueprint
from app.bank.yaml_source import read
from app.languages import phrase

FOLDER = "interviews"


def load_blueprints(questions_dir: Path, bank: Bank) -> tuple[list[Blueprint], list[Finding]]:
    """Every sound blueprint, shortest first, and every fault: schema, its id, topics that the bank does not have."""
    found: list[Blueprint] = []
    findings: list[Finding] = []
    for path in blueprint_files(questions_dir):
        blueprint, faults = whole(path, ParseCache(None), Blueprint.model_validate_json, Blueprint)
        if blueprint is not None:
            file = LoadedFile(path, _source=read(path.read_bytes()))
            faults += [locate(file, complaint) for complaint in _complaints(blueprint, path, bank)]
            if not faults:
                found.append(blueprint)
        findings += faults
    return sorted(found, key=lambda it: (it.minutes, it.id)), findings


def blueprint_files(questions_dir: Path) -> list[Path]:
    """Every blueprint's file, in a fixed order."""
    return sorted((questions_dir / FOLDER).glob("*.yaml"))


def _complaints(blueprint: Blueprint, path: Path, bank: Bank) -> Iterator[Complaint]:
    if blueprint.id != path.stem:
        yield Complaint(
            ("id",),
            phrase("'id' is %(blueprint)s in a file named %(path)s", blueprint=repr(blueprint.id), path=path.name),
            phrase("let them be the same"),
        )
    areas = {area.id for area in bank.areas}
    for number, section in enumerate(blueprint.sections):
        for name in section.topics:
            at = ("sections", number, "topics", name)
            if name not in areas and name not in bank.topics:
                mend = near(name, [*areas, *bank.topics]) or phrase("take an area or a topic of questions/topics.yaml")
                yield Complaint(at, phrase("there is no area or topic '%(name)s'", name=name), mend)
            elif name in bank.topics and bank.topics[name].area in section.topics:
                yield Complaint(
                    at,
                    phrase(
                        "'%(name)s' lies in the area '%(area)s', which is named too",
                        name=name,
                        area=bank.topics[name].area,
                    ),
                    phrase("leave one of them out"),
                )
