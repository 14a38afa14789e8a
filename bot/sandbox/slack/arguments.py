"""Read the arguments of a Web API call, form-encoded or JSON, and its token."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.sandbox.slack.errors import SlackError

_TRUE = {"true", "1", "t"}


class Arguments:
    """The arguments of one call. The readers raise SlackError for a value that Slack refuses."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = {name: value for name, value in values.items() if value is not None}

    def has(self, name: str) -> bool:
        """Return whether the call has the argument, empty or not."""
        return name in self.values

    def text(self, name: str) -> str:
        """Return a string, which is empty if the argument is missing."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else json.dumps(value)

    def required_text(self, name: str) -> str:
        """Return a string that must not be missing or empty."""
        value = self.text(name)
        if not value:
            raise SlackError("invalid_arguments", [f"missing required field: {name}"])
        return value

    def flag(self, name: str) -> bool:
        """Return a boolean, which is false if the argument is missing."""
        return self.text(name).lower() in _TRUE

    def number(self, name: str, default: int) -> int:
        """Return a positive integer, or `default` if the argument is missing."""
        value = self.text(name)
        if not value:
            return default
        if not value.isdigit() or int(value) < 1:
            raise SlackError("invalid_arguments", [f"must be a number from 1 up: {name}"])
        return int(value)

    def object_list(self, name: str, code: str) -> list[dict[str, Any]]:
        """Return a list of objects, given as a list or as JSON text. Raise SlackError with `code` for anything else."""
        value = self._decode(name, code, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise SlackError(code, [f"must be an array of objects: {name}"])
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        """Return an object, given as an object or as JSON text."""
        value = self._decode(name, "invalid_arguments", None)
        if value is None:
            raise SlackError("invalid_arguments", [f"missing required field: {name}"])
        if not isinstance(value, dict):
            raise SlackError("invalid_arguments", [f"must be an object: {name}"])
        return value

    def _decode(self, name: str, code: str, default: Any) -> Any:
        value = self.values.get(name, default)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else default
        except ValueError:
            raise SlackError(code, [f"no valid JSON: {name}"]) from None


async def read_arguments(request: web.Request) -> tuple[Arguments, str]:
    """Return the arguments of a call, without the token, and the token."""
    values: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        values |= _parse_json_object(await request.text())
    else:
        values |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    token = values.pop("token", "")
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    return Arguments(values), bearer.strip() if scheme.lower() == "bearer" else str(token)


def _parse_json_object(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text or "{}")
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(body, dict):
        raise SlackError("json_not_object")
    return body
