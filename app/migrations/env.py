"""Alembic's environment: runs on the connection that `app.db` hands it."""

from alembic import context
from sqlmodel import SQLModel

from app.accounts import models as accounts_models
from app.authoring import models as authoring_models
from app.db import is_mapped
from app.grading import models as grading_models
from app.interview import models as interview_models
from app.practice import models as practice_models
from app.scheduling import models as scheduling_models

TABLES = (accounts_models, authoring_models, grading_models, interview_models, practice_models, scheduling_models)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
    include_name=is_mapped,
)
context.run_migrations()
