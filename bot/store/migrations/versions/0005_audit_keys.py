"""Store the key of each audit log entry, and the salt of each request's digest."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for table in ("audit", "audit_head"):
        op.add_column(table, sa.Column("key_id", sa.String(8), nullable=False, server_default=""))
    op.add_column("requests", sa.Column("salt", sa.String(32), nullable=False, server_default=""))


def downgrade() -> None:
    raise NotImplementedError("an audit log that is keyed does not lose its keys")
