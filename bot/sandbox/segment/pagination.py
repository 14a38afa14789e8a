"""Pages of a list: the three spellings of `pagination` on the wire, and the cursors in the answers."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import JsonValue

from bot.sandbox.segment.errors import ApiError, invalid_field

DEFAULT_COUNT = 200
MAX_COUNT = 1000
#: The documented cursor of a first page: base64 of 0.
FIRST_CURSOR = "MA=="

T = TypeVar("T")


@dataclass(frozen=True)
class PaginationInput:
    """The page that was asked for: how many entries, and the cursor if one was sent."""

    count: int = DEFAULT_COUNT
    cursor: str | None = None


@dataclass(frozen=True)
class PaginationOutput:
    """A page of `total` entries, as cursors; None where there is nothing further."""

    current: str
    next: str | None
    previous: str | None
    total: int

    def to_json(self, end_cursors: str) -> dict[str, JsonValue]:
        """The `pagination` object; cursors that lead nowhere are null or absent, as `end_cursors` says."""
        ends = {"next": self.next, "previous": self.previous}
        kept = {key: cursor for key, cursor in ends.items() if cursor is not None or end_cursors == "null"}
        return {"current": self.current, **kept, "totalEntries": self.total}


def parse_pagination(query: Mapping[str, str]) -> PaginationInput:
    """Read `pagination` in the dotted, the bracket or the JSON spelling; raises Refused (422) if it is wrong."""
    if "pagination" in query:
        return _from_object(_json_object(query["pagination"]))
    if bracketed := _spelled(query, "pagination[{}]"):
        return _from_object(bracketed)
    return _from_object({"count": str(DEFAULT_COUNT)} | _spelled(query, "pagination.{}"))


def paginate(entries: Sequence[T], wanted: PaginationInput) -> tuple[Sequence[T], PaginationOutput]:
    """The entries of the page `wanted`, by a cursor that is an offset, and where its neighbours are."""
    at = decode_offset(wanted.cursor)
    after, total = at + wanted.count, len(entries)
    page = PaginationOutput(
        current=encode_base64(str(at)),
        next=encode_base64(str(after)) if after < total else None,
        previous=encode_base64(str(max(0, at - wanted.count))) if at > 0 else None,
        total=total,
    )
    return entries[at:after], page


def decode_offset(cursor: str | None) -> int:
    """The number inside a cursor, zero without one; raises Refused (422) for a cursor that nobody handed out."""
    if cursor is None:
        return 0
    number = decode_cursor(cursor)
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise invalid_cursor()
    return int(number)


def encode_base64(text: str) -> str:
    """`text` in base64, as cursors are."""
    return base64.b64encode(text.encode()).decode()


def decode_cursor(cursor: str) -> str:
    """The text inside a cursor; raises Refused (422) if there is none."""
    try:
        return base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, ValueError):
        raise invalid_cursor() from None


def invalid_cursor() -> ApiError:
    """The refusal of a cursor that nobody handed out."""
    return invalid_field("pagination.cursor", "is not a valid cursor")


def _spelled(query: Mapping[str, str], spelling: str) -> dict[str, JsonValue]:
    return {key: query[spelling.format(key)] for key in ("count", "cursor") if spelling.format(key) in query}


def _json_object(text: str) -> dict[str, JsonValue]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise invalid_field("pagination", "must be an object") from None
    if not isinstance(value, dict):
        raise invalid_field("pagination", "must be an object")
    return value


def _from_object(given: Mapping[str, JsonValue]) -> PaginationInput:
    if "count" not in given:
        raise invalid_field("pagination.count", "is required")
    cursor = given.get("cursor")
    if cursor is not None and not isinstance(cursor, str):
        raise invalid_field("pagination.cursor", "must be a string")
    return PaginationInput(_count(given["count"]), cursor or None)


def _count(value: JsonValue) -> int:
    if isinstance(value, bool) or not (isinstance(value, int) or _is_number(value)):
        raise invalid_field("pagination.count", "must be a number")
    number = int(str(value)[:10])
    if number < 1:
        raise invalid_field("pagination.count", "must be greater than or equal to 1")
    if number > MAX_COUNT:
        raise invalid_field("pagination.count", f"must be less than or equal to {MAX_COUNT}")
    return number


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit()
