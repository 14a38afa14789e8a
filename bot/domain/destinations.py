"""Find the host that a warehouse's settings lead to: where Segment, and so a secret, goes.

The rules are exact, and every doubt is a no. A type's host is in one setting: `hostname`, or for Snowflake `account`,
which Snowflake completes with its own domain; BigQuery is always Google's. It is certain only where that setting is a
plain host name, every other setting is one that the table below knows, and none of their values has a character with
which a URL or a connection string names another host.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pydantic import JsonValue

from bot.domain.errors import quote_code
from bot.domain.frozen_model import FrozenModel
from bot.domain.redaction.settings import format_scalar


class Destination(FrozenModel):
    """Where the secrets of a change would be sent.

    `host` is in lower case, without a dot at its end. It is empty if the settings don't lead to exactly one host;
    `unknown_reason` then says why, as the end of a sentence. `warehouses` has the warehouse's name and, if it exists
    already, its id.
    """

    host: str = ""
    unknown_reason: str = ""
    warehouses: tuple[str, ...] = ()


class _Layout(NamedTuple):
    """Which settings a type has: the `key` that names its host, the other plain ones, and the secret ones.

    `domain` completes the host. Without a `key` the host is `domain` alone.
    """

    key: str
    others: frozenset[str]
    secrets: frozenset[str] = frozenset({"password"})
    domain: str = ""


_SERVER = _Layout("hostname", frozenset({"port", "database", "username"}))

#: By the slug of the type. `credential_id` is in none: it replaces the settings by a connection that Segment keeps.
_LAYOUTS: Mapping[str, _Layout] = {
    "snowflake": _Layout(
        "account",
        frozenset({"auth_type", "username", "warehouse", "database"}),
        frozenset({"password", "private_key", "private_key_passphrase"}),
        # docs.snowflake.com, "Account identifiers": the host is the account identifier in this domain.
        ".snowflakecomputing.com",
    ),
    "redshift": _SERVER,
    "postgres": _SERVER,
    "azuresqldw": _SERVER,
    "azuresqldb": _SERVER,
    "db2": _Layout("hostname", _SERVER.others | {"security"}),
    "databricks": _Layout("hostname", frozenset({"port", "http_path", "catalog", "client_id"})),
    "bigquery": _Layout(
        "", frozenset({"gc-project", "location"}), frozenset({"credentials"}), "bigquery.googleapis.com"
    ),
}

#: ASCII alone, so that no other letter can be folded into a dot or a slash on its way.
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")

#: What the other settings may hold: nothing with which a URL or a connection string goes on to another part of itself.
_TEXT = r"[A-Za-z0-9_.$+ -]*"
_VALUES: Mapping[str, re.Pattern[str]] = {
    "port": re.compile(r"[0-9]{0,5}"),
    "http_path": re.compile(r"[A-Za-z0-9_./-]*"),
    "username": re.compile(rf"{_TEXT}(@[A-Za-z0-9_.-]+)?"),  # Snowflake's are often addresses, Azure's name the server
    "gc-project": re.compile(r"[A-Za-z0-9_.:-]*"),
}
_OTHER_VALUES = re.compile(_TEXT)


def get_host_setting(type_slug: str) -> str:
    """The setting in which a warehouse type names its host; empty where it has none, or the type is not known."""
    layout = _LAYOUTS.get(type_slug)
    return layout.key if layout else ""


def parse_host(text: str) -> str:
    """The host that `text` is, as `Destination.host` has it; empty where it is anything else, a host and port too."""
    host = text.strip(" ").lower().removesuffix(".")
    return host if text.isascii() and _HOST.fullmatch(host) else ""


def find_destination(
    type_slug: str,
    settings: Mapping[str, JsonValue],
    secret_keys: Iterable[str] = (),
    warehouses: tuple[str, ...] = (),
    hidden_count: int = 0,
) -> Destination:
    """Where a warehouse of that type with these `settings` is.

    `secret_keys` are the settings that are sent besides, as secrets; `hidden_count` is the number of
    further settings of the warehouse whose values are unknown. What is None or empty counts as not set.
    """
    given = {
        key: format_scalar(value) if _scalar(value) else None
        for key, value in settings.items()
        if value not in (None, "")
    }
    layout = _LAYOUTS.get(type_slug)
    if layout is None:
        return Destination(unknown_reason="the bot does not know the settings of this type", warehouses=warehouses)
    unclear = _doubt(layout, given, secret_keys, hidden_count)
    host = layout.domain if not layout.key else _host(layout, given.get(layout.key))
    if not unclear and not host:
        unclear = f"{quote_code(layout.key)} is {'not a plain host name' if given.get(layout.key) else 'not set'}"
    return Destination(host="" if unclear else host, unknown_reason=unclear, warehouses=warehouses)


def _host(layout: _Layout, value: str | None) -> str:
    host = parse_host(value or "")
    return host if not host or host.endswith(layout.domain) else parse_host(f"{host}{layout.domain}")


def _doubt(layout: _Layout, given: Mapping[str, str | None], secret_keys: Iterable[str], hidden: int) -> str:
    for key in sorted(given.keys() - layout.others - {layout.key, "name"}):
        return f"{quote_code(key)} could name another host"
    for key in sorted(set(secret_keys) - layout.secrets):
        return f"{quote_code(key)} is not a setting for a secret"
    for key in sorted(given.keys() & layout.others):
        if not _VALUES.get(key, _OTHER_VALUES).fullmatch(given[key] or "\n"):
            return f"{quote_code(key)} has characters that could name another host"
    if hidden:
        return f"it has {hidden} {'setting' if hidden == 1 else 'settings'} that may not be shown"
    return ""


def _scalar(value: JsonValue) -> bool:
    return not isinstance(value, (dict, list))
