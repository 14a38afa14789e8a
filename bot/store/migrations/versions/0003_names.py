"""Store the name of each request's warehouse, so that the history of a deleted one is found by name."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("requests", sa.Column("warehouse_name", sa.String(255), nullable=False, server_default=""))
    op.create_index("ix_requests_warehouse_name", "requests", ["warehouse_name"])
    requests = sa.table("requests", sa.column("id"), sa.column("body"), sa.column("warehouse_name"))
    connection = op.get_bind()
    for name, body in connection.execute(sa.select(requests.c.id, requests.c.body)).all():
        change = json.loads(body)["change"]
        called = str(change.get("target", change).get("name", ""))
        connection.execute(
            sa.update(requests).where(requests.c.id == name).values(warehouse_name=called.casefold()[:255])
        )


def downgrade() -> None:
    op.drop_index("ix_requests_warehouse_name", "requests")
    op.drop_column("requests", "warehouse_name")
