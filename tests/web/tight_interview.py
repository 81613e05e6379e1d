"""An interview that asks one single-choice question of one topic: without those nobody can sit it."""

from __future__ import annotations

from app.bank.schema.blueprint import Blueprint
from app.web.services import Services


def offer(services: Services, topic_id: str = "relu-family") -> list[str]:
    """Let it be the only interview; the ids of the questions that it can ask."""
    blueprint = Blueprint.model_validate_json(
        '{"id": "tight", "title": {"en": "A tight one", "zh": "题目很少"}, "summary": {"en": "t", "zh": "t"},'
        ' "minutes": 10, "sections": [{"title": {"en": "One", "zh": "一"}, "minutes": 10, "count": 1,'
        f' "kinds": ["single-choice"], "topics": {{"{topic_id}": 1}}}}]}}'
    )
    services.shelf.blueprints = {blueprint.id: blueprint}
    found = [it for it in services.bank.of_topic(topic_id) if it.is_published and it.question.kind == "single-choice"]
    assert len(found) > 1
    return [it.question.id for it in found]


def leave_only(services: Services, names: list[str]) -> str:
    """Take all of these from the live bank but the first, which is given back."""
    services.shelf.bank = services.bank.with_changes(dict.fromkeys(names[1:]))
    return names[0]
