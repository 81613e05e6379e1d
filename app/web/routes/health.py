"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from app.errors import Unavailable
from app.web.services import Here

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz() -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
def readyz(visit: Here) -> Response:
    """The database answers, its schema is ours, the bank has questions, and nobody has told us to stop.

    Practice works without the sandbox.
    """
    services = visit.services
    try:
        database = "ok" if services.db.is_current() else "the schema is of another release"
    except Unavailable as problem:
        database = str(problem)
    except SQLAlchemyError as error:
        database = f"does not answer: {type(error).__name__}"
    checks = {
        "database": database,
        "server": "stopping" if services.stopping.is_set() else "ok",
        "questions": "ok" if services.bank.questions else "the bank is empty",
    }
    ready = all(result == "ok" for result in checks.values())
    sandbox = {lib: services.grading.available(lib) for lib in ("numpy", "torch")}
    return JSONResponse({"ready": ready, "checks": checks, "sandbox": sandbox}, status_code=200 if ready else 503)
