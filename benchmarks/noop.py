"""The peer of `answer_cost`: the same framework answering a request of the same shape without doing anything."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Body(BaseModel):
    """As an answer's body."""

    card_id: int
    seed: int
    answer: dict[str, Any]
    seconds: float = 0


@app.post("/noop")
def noop(body: Body) -> dict[str, bool]:
    """Validate, do nothing, answer."""
    return {"done": body.seed >= 0}
