"""Validators and types for the bot's variables. Each raises ValueError without quoting the value."""

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import AfterValidator, BeforeValidator, SecretStr
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError


def require_prefix(prefix: str) -> AfterValidator:
    """Require a secret that starts with `prefix` and is longer."""

    def check(value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(prefix) or value.get_secret_value() == prefix:
            raise ValueError(prefix)
        return value

    return AfterValidator(check)


def _require_secure_url(value: str) -> str:
    url = urlsplit(value)
    local = url.hostname in {"127.0.0.1", "localhost", "::1"}
    if not url.hostname or url.scheme not in {"http", "https"} or (url.scheme == "http" and not local):
        raise ValueError("url")
    return value


def normalize_database_url(secret: SecretStr) -> SecretStr:
    """Rewrite a SQLite or PostgreSQL URL, as hosting services write it, for SQLAlchemy's async drivers."""
    value = secret.get_secret_value()
    if re.match(r"sqlite(\+aiosqlite)?:///.+", value):
        return SecretStr(re.sub(r"^sqlite:", "sqlite+aiosqlite:", value))
    if re.match(r"postgres(ql)?(\+asyncpg)?://.+/.+", value):
        rewritten = SecretStr(re.sub(r"^[^:]+:", "postgresql+asyncpg:", value).replace("sslmode=", "ssl="))
        parse_database_url(rewritten)
        return rewritten
    raise ValueError("database")


def parse_database_url(url: SecretStr) -> URL:
    """Parse `url` as the database driver does; other parsers find another password in it. Raises ValueError."""
    try:
        return make_url(url.get_secret_value())
    except ArgumentError:
        raise ValueError("database") from None


def _split_words(value: object) -> object:
    return frozenset(re.split(r"[\s,]+", value.strip())) - {""} if isinstance(value, str) else value


def validate_approvers(words: frozenset[str]) -> frozenset[str]:
    """Require ids of people or groups, or handles."""
    if any(not re.fullmatch(r"[UWS][A-Z0-9]{4,}|@?[a-z0-9._-]+", word) for word in words):
        raise ValueError("approvers")
    return words


def _require_public_url(value: str) -> str:
    parts = urlsplit(_require_secure_url(value))
    host, path = r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:\d+)?", r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)*/?"
    if not re.fullmatch(f"https?://{host}{path}", value, re.IGNORECASE) or parts.port == 0:
        raise ValueError("public")
    return value.rstrip("/")


def _split_keys(value: object) -> object:
    return [each for each in re.split(r"[\s,]+", value.strip()) if each] if isinstance(value, str) else value


def _require_fernet_keys(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if not keys:
        raise ValueError("keys")
    for key in keys:
        Fernet(key.get_secret_value())  # raises ValueError for an invalid key
    return keys


def validate_directory(path: Path) -> Path:
    """Require an existing directory."""
    try:
        exists = path.is_dir()
    except OSError:  # the name is too long, or a parent directory is not readable
        exists = False
    if not exists:
        raise ValueError("directory")
    return path


def normalize_path_prefix(path: str) -> str:
    """Write a path prefix without a slash at the start and with one at the end."""
    if any(part in {"", ".", ".."} for part in path.strip("/").split("/")):
        raise ValueError("path")
    return f"{path.strip('/')}/"


def normalize_mount_path(path: str) -> str:
    """Write a path without slashes at its start and end."""
    return normalize_path_prefix(path)[:-1]


SecureUrl = Annotated[str, AfterValidator(_require_secure_url)]
PublicUrl = Annotated[str, AfterValidator(_require_public_url)]
FernetKeys = Annotated[tuple[SecretStr, ...], BeforeValidator(_split_keys), AfterValidator(_require_fernet_keys)]
WordSet = Annotated[frozenset[str], BeforeValidator(_split_words)]
LogLevel = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(lambda v: v.upper() if isinstance(v, str) else v)
]
