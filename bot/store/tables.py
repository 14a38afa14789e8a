"""The tables. `body` holds a request whole, as JSON; the columns beside it are what queries look for."""

from sqlalchemy import Column, DateTime, Index, Integer, MetaData, String, Table, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: `once` is the key that makes a payload delivered twice one request. `painted` is the version that the card shows,
#: -1 before there is a card; `told` how many of its moves the thread under the card tells.
#: `warehouse_name` is in the case that comparing wants. `salt` goes into the digest of its change in the audit log.
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

#: Secrets on their way into one request. `link` is the SHA-256 of the token in the page's address, `sealed` the value
#: as ENCRYPTION_KEYS seal it, `request_id` the request that took it. `drawn` is the form as it was drawn last, for
#: showing in it that the value has come.
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

#: Append-only. Each `entry` is JSON, and `hash` the one of the hash before it and the entry, with the key that `key_id`
#: names, if any; seq counts from 1.
audit_entries = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("entry", Text, nullable=False),
    Column("request_id", String(32), nullable=False, index=True),
    Column("hash", String(64), nullable=False),
    Column("key_id", String(8), nullable=False, server_default=""),
)

#: One row: the newest entry. Whoever appends takes it first, so that the chain has one end, in every process.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("key_id", String(8), nullable=False, server_default=""),
)
