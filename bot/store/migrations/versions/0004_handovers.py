"""Store one-time secrets, encrypted, until their request ends."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("link", sa.String(64)),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("form", sa.String(64), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("label", sa.String(255), nullable=False),
        sa.Column("about", sa.String(255), nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.Text),
        sa.Column("request_id", sa.String(32)),
        sa.Column("drawn", sa.Text),
        sa.UniqueConstraint("link", name="uq_handovers_link"),
    )
    op.create_index("ix_handovers_form", "handovers", ["form"])
    op.create_index("ix_handovers_request_id", "handovers", ["request_id"])


def downgrade() -> None:
    op.drop_table("handovers")
