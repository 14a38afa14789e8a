"""Read and parse the bodies of requests."""

import json
import math
from collections.abc import Iterator

from aiohttp import web
from pydantic import JsonValue

from bot.sandbox.segment.errors import ApiError, bad_request, build_error

MAX_BODY_BYTES = 1_000_000
_MAX_DEPTH = 50


async def read_body(request: web.Request) -> bytes | None:
    """Read the body; return None if it is larger than MAX_BODY_BYTES."""
    if (request.content_length or 0) > MAX_BODY_BYTES:
        return None
    try:
        raw_body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        return None
    return raw_body if len(raw_body) <= MAX_BODY_BYTES else None


def payload_too_large() -> ApiError:
    """Build the error for a body over the limit (413)."""
    return ApiError(413, build_error(413))


def parse_json_object(raw_body: bytes, content_type: str) -> dict[str, JsonValue]:
    """Parse a JSON object that is safe to store.

    Raises:
        ApiError: The content type isn't JSON, or the body is no JSON object, has a number out of range, or is nested
            too deeply (400).
    """
    if not (content_type == "application/json" or content_type.endswith("+json")):
        raise bad_request("The Content-Type of the body must be JSON")
    try:
        value = json.loads(raw_body, parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        raise bad_request("The body is not valid JSON") from None
    if not isinstance(value, dict):
        raise bad_request("The body must be a JSON object")
    if any(_is_unsafe(item, depth) for item, depth in _walk(value)):
        raise bad_request("The body holds what can't be kept: a number out of range, or objects nested too deeply")
    return value


def _reject_constant(name: str) -> JsonValue:
    raise ValueError(name)


def _is_unsafe(item: JsonValue, depth: int) -> bool:
    return depth > _MAX_DEPTH or (isinstance(item, float) and not math.isfinite(item))


def _walk(value: JsonValue) -> Iterator[tuple[JsonValue, int]]:
    stack: list[tuple[JsonValue, int]] = [(value, 0)]
    while stack:
        item, depth = stack.pop()
        yield item, depth
        children = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        stack.extend((child, depth + 1) for child in children)
