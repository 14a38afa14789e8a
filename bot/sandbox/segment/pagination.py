"""Pagination of lists: the three forms of the `pagination` parameter, and the cursors in the responses."""

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
    """The page that a call asks for: the number of entries, and the cursor, if any."""

    count: int = DEFAULT_COUNT
    cursor: str | None = None


@dataclass(frozen=True)
class PaginationOutput:
    """The cursors of a page and its neighbours, None where there is no neighbour, and the number of all entries."""

    current: str
    next: str | None
    previous: str | None
    total: int

    def to_json(self, end_cursors: str) -> dict[str, JsonValue]:
        """Convert to the API's JSON; `end_cursors` tells whether missing neighbours are null or absent."""
        neighbours = {"next": self.next, "previous": self.previous}
        shown = {key: cursor for key, cursor in neighbours.items() if cursor is not None or end_cursors == "null"}
        return {"current": self.current, **shown, "totalEntries": self.total}


def parse_pagination(query: Mapping[str, str]) -> PaginationInput:
    """Parse `pagination` in its dotted, bracket or JSON form; raises ApiError (422) if it is invalid."""
    if "pagination" in query:
        return _parse_fields(_parse_json_object(query["pagination"]))
    if bracketed := _select_fields(query, "pagination[{}]"):
        return _parse_fields(bracketed)
    return _parse_fields({"count": str(DEFAULT_COUNT)} | _select_fields(query, "pagination.{}"))


def paginate(entries: Sequence[T], pagination: PaginationInput) -> tuple[Sequence[T], PaginationOutput]:
    """Return the entries of a page, and its cursors, which are offsets in base64."""
    first = decode_offset(pagination.cursor)
    after, total = first + pagination.count, len(entries)
    page = PaginationOutput(
        current=encode_base64(str(first)),
        next=encode_base64(str(after)) if after < total else None,
        previous=encode_base64(str(max(0, first - pagination.count))) if first > 0 else None,
        total=total,
    )
    return entries[first:after], page


def decode_offset(cursor: str | None) -> int:
    """Decode the offset in a cursor, 0 without one; raises ApiError (422) for a cursor that this API never returns."""
    if cursor is None:
        return 0
    number = decode_cursor(cursor)
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise invalid_cursor()
    return int(number)


def encode_base64(text: str) -> str:
    """Encode `text` in base64, the encoding of cursors."""
    return base64.b64encode(text.encode()).decode()


def decode_cursor(cursor: str) -> str:
    """Decode the text in a cursor; raises ApiError (422) where it isn't base64."""
    try:
        return base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, ValueError):
        raise invalid_cursor() from None


def invalid_cursor() -> ApiError:
    """Build the error for a cursor that this API never returns (422)."""
    return invalid_field("pagination.cursor", "is not a valid cursor")


def _select_fields(query: Mapping[str, str], pattern: str) -> dict[str, JsonValue]:
    return {key: query[pattern.format(key)] for key in ("count", "cursor") if pattern.format(key) in query}


def _parse_json_object(text: str) -> dict[str, JsonValue]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise invalid_field("pagination", "must be an object") from None
    if not isinstance(value, dict):
        raise invalid_field("pagination", "must be an object")
    return value


def _parse_fields(fields: Mapping[str, JsonValue]) -> PaginationInput:
    if "count" not in fields:
        raise invalid_field("pagination.count", "is required")
    cursor = fields.get("cursor")
    if cursor is not None and not isinstance(cursor, str):
        raise invalid_field("pagination.cursor", "must be a string")
    return PaginationInput(_parse_count(fields["count"]), cursor or None)


def _parse_count(value: JsonValue) -> int:
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
