"""What the bot's variables may be: each kind as pydantic checks it. What is none is a ValueError, without the value."""

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import AfterValidator, BeforeValidator, SecretStr
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError


def require_prefix(prefix: str) -> AfterValidator:
    """What begins with `prefix`, and goes on after it."""

    def check(value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(prefix) or value.get_secret_value() == prefix:
            raise ValueError(prefix)
        return value

    return AfterValidator(check)


def _safe_url(value: str) -> str:
    url = urlsplit(value)
    local = url.hostname in {"127.0.0.1", "localhost", "::1"}
    if not url.hostname or url.scheme not in {"http", "https"} or (url.scheme == "http" and not local):
        raise ValueError("url")
    return value


def normalize_database_url(secret: SecretStr) -> SecretStr:
    """SQLite or PostgreSQL, as hosts write them, in the words of SQLAlchemy's async drivers."""
    value = secret.get_secret_value()
    if re.match(r"sqlite(\+aiosqlite)?:///.+", value):
        return SecretStr(re.sub(r"^sqlite:", "sqlite+aiosqlite:", value))
    if re.match(r"postgres(ql)?(\+asyncpg)?://.+/.+", value):
        taken = SecretStr(re.sub(r"^[^:]+:", "postgresql+asyncpg:", value).replace("sslmode=", "ssl="))
        parse_database_url(taken)
        return taken
    raise ValueError("database")


def parse_database_url(url: SecretStr) -> URL:
    """`url` as the database's driver reads it: other parsers find another password in it. Raises ValueError."""
    try:
        return make_url(url.get_secret_value())
    except ArgumentError:
        raise ValueError("database") from None


def _words(value: object) -> object:
    return frozenset(re.split(r"[\s,]+", value.strip())) - {""} if isinstance(value, str) else value


def validate_approvers(words: frozenset[str]) -> frozenset[str]:
    """Ids of people and groups, and handles."""
    if any(not re.fullmatch(r"[UWS][A-Z0-9]{4,}|@?[a-z0-9._-]+", word) for word in words):
        raise ValueError("approvers")
    return words


def _public(value: str) -> str:
    parts = urlsplit(_safe_url(value))
    host, path = r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:\d+)?", r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)*/?"
    if not re.fullmatch(f"https?://{host}{path}", value, re.IGNORECASE) or parts.port == 0:
        raise ValueError("public")
    return value.rstrip("/")


def _keys(value: object) -> object:
    return [each for each in re.split(r"[\s,]+", value.strip()) if each] if isinstance(value, str) else value


def _fernet(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if not keys:
        raise ValueError("keys")
    for key in keys:
        Fernet(key.get_secret_value())  # a ValueError where it is none
    return keys


def validate_directory(path: Path) -> Path:
    """A directory that is there."""
    try:
        there = path.is_dir()
    except OSError:  # a name that is too long, or a folder on the way that may not be looked into
        there = False
    if not there:
        raise ValueError("directory")
    return path


def normalize_path_prefix(path: str) -> str:
    """A prefix of paths, with no slash before it and one after it."""
    if any(part in {"", ".", ".."} for part in path.strip("/").split("/")):
        raise ValueError("path")
    return f"{path.strip('/')}/"


def normalize_mount_path(path: str) -> str:
    """A path with no slash before or after it."""
    return normalize_path_prefix(path)[:-1]


SecureUrl = Annotated[str, AfterValidator(_safe_url)]
PublicUrl = Annotated[str, AfterValidator(_public)]
FernetKeys = Annotated[tuple[SecretStr, ...], BeforeValidator(_keys), AfterValidator(_fernet)]
WordSet = Annotated[frozenset[str], BeforeValidator(_words)]
LogLevel = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(lambda v: v.upper() if isinstance(v, str) else v)
]
