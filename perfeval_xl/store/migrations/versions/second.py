"""What a desk was asked to make of its results: letters depend on a template and a deadline, too. Findings are known again by the rows they
are about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name in ("form", "row_label"):
        op.add_column("finding", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "attempt",
        sa.Column("desk", sa.String(length=1024), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("rests_on", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("desk", "key", "kind", name=op.f("pk_attempt")),
    )
