"""A Web API call's arguments, form-encoded or JSON, and the token that came with them."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.sandbox.slack.errors import SlackError

_TRUE = {"true", "1", "t"}


class Arguments:
    """The arguments of one call; each reader raises SlackError where Slack refuses what was given."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.values = {name: value for name, value in given.items() if value is not None}

    def has(self, name: str) -> bool:
        """Whether the argument was given at all, empty or not."""
        return name in self.values

    def text(self, name: str) -> str:
        """A string, empty where it wasn't given."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else json.dumps(value)

    def required_text(self, name: str) -> str:
        """A string that has to be there."""
        value = self.text(name)
        if not value:
            raise SlackError("invalid_arguments", [f"missing required field: {name}"])
        return value

    def flag(self, name: str) -> bool:
        """A boolean, false where it wasn't given."""
        return self.text(name).lower() in _TRUE

    def number(self, name: str, default: int) -> int:
        """A whole number from 1 up."""
        value = self.text(name)
        if not value:
            return default
        if not value.isdigit() or int(value) < 1:
            raise SlackError("invalid_arguments", [f"must be a number from 1 up: {name}"])
        return int(value)

    def object_list(self, name: str, code: str) -> list[dict[str, Any]]:
        """A list of objects, JSON in a string or not; anything else is refused as `code`."""
        value = self._decoded(name, code, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise SlackError(code, [f"must be an array of objects: {name}"])
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        """An object, JSON in a string or not."""
        value = self._decoded(name, "invalid_arguments", None)
        if value is None:
            raise SlackError("invalid_arguments", [f"missing required field: {name}"])
        if not isinstance(value, dict):
            raise SlackError("invalid_arguments", [f"must be an object: {name}"])
        return value

    def _decoded(self, name: str, code: str, default: Any) -> Any:
        value = self.values.get(name, default)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else default
        except ValueError:
            raise SlackError(code, [f"no valid JSON: {name}"]) from None


async def read_arguments(request: web.Request) -> tuple[Arguments, str]:
    """The call's arguments and its token, which is then no argument."""
    given: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        given |= _json(await request.text())
    else:
        given |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    token = given.pop("token", "")
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    return Arguments(given), bearer.strip() if scheme.lower() == "bearer" else str(token)


def _json(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text or "{}")
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(body, dict):
        raise SlackError("json_not_object")
    return body
