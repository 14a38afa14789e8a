"""Reading a request's body into a JSON object that is safe to keep."""

import json
import math
from collections.abc import Iterator

from aiohttp import web
from pydantic import JsonValue

from bot.sandbox.segment.errors import ApiError, bad_request, build_error

MAX_BODY_BYTES = 1_000_000
_DEEPEST = 50


async def read_body(request: web.Request) -> bytes | None:
    """The body's bytes; None if there are more than Segment takes."""
    if (request.content_length or 0) > MAX_BODY_BYTES:
        return None
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge:
        return None
    return raw if len(raw) <= MAX_BODY_BYTES else None


def payload_too_large() -> ApiError:
    """The refusal of a body over the limit: 413."""
    return ApiError(413, build_error(413))


def parse_json_object(raw: bytes, content_type: str) -> dict[str, JsonValue]:
    """The object in a body; raises Refused (400) if it isn't one, or isn't said to be JSON."""
    if not (content_type == "application/json" or content_type.endswith("+json")):
        raise bad_request("The Content-Type of the body must be JSON")
    try:
        value = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise bad_request("The body is not valid JSON") from None
    if not isinstance(value, dict):
        raise bad_request("The body must be a JSON object")
    if any(_is_odd(item, depth) for item, depth in _walked(value)):
        raise bad_request("The body holds what can't be kept: a number out of range, or objects nested too deeply")
    return value


def _no_constant(name: str) -> JsonValue:
    raise ValueError(name)


def _is_odd(item: JsonValue, depth: int) -> bool:
    return depth > _DEEPEST or (isinstance(item, float) and not math.isfinite(item))


def _walked(value: JsonValue) -> Iterator[tuple[JsonValue, int]]:
    waiting: list[tuple[JsonValue, int]] = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        yield item, depth
        inside = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        waiting.extend((each, depth + 1) for each in inside)
