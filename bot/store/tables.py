"""The database tables. `body` holds a whole request as JSON; the other columns are for queries."""

from sqlalchemy import Column, DateTime, Index, Integer, MetaData, String, Table, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: `once` is the idempotency key: a payload that is delivered twice creates one request. `painted` is the version that
#: the card shows, -1 before there is a card; `told` is the version up to which the card's thread announces transitions.
#: `warehouse_name` is case-folded. `salt` goes into the digest of the change in the audit log.
requests = Table(
    "requests",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("once", String(255), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("warehouse_id", String(255), index=True),
    Column("warehouse_name", String(255), nullable=False, server_default="", index=True),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("body", Text, nullable=False),
    Column("card_channel", String(64)),
    Column("card_ts", String(64)),
    Column("painted", Integer, nullable=False),
    Column("told", Integer, nullable=False, server_default="0"),
    Column("salt", String(32), nullable=False, server_default=""),
    Index("ix_requests_state_asked_at", "state", "asked_at"),
)

#: One-time secrets. `link` is the SHA-256 of the token in the page's address, `sealed` the value, encrypted with
#: ENCRYPTION_KEYS, and `request_id` the request that took it. `drawn` is the form's last view, which is updated when a
#: value arrives.
one_time_secrets = Table(
    "handovers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("link", String(64), unique=True),
    Column("person", String(64), nullable=False),
    Column("form", String(64), nullable=False, index=True),
    Column("key", String(255), nullable=False),
    Column("label", String(255), nullable=False),
    Column("about", String(255), nullable=False),
    Column("way", String(8), nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("sealed", Text),
    Column("request_id", String(32), index=True),
    Column("drawn", Text),
)

#: Append-only. `entry` is JSON. `hash` covers the previous hash and the entry, keyed with the key that `key_id` names,
#: if any. `seq` counts from 1.
audit_entries = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("entry", Text, nullable=False),
    Column("request_id", String(32), nullable=False, index=True),
    Column("hash", String(64), nullable=False),
    Column("key_id", String(8), nullable=False, server_default=""),
)

#: One row: the newest entry. Every append locks it first, so that the chain has one end across all processes.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("key_id", String(8), nullable=False, server_default=""),
)
