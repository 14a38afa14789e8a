"""Parse the calls of the control API."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from bot.sandbox.slack.delivery import Redelivery
from bot.sandbox.slack.errors import ControlError

_REDELIVERIES: dict[object, Redelivery] = {
    False: Redelivery.NONE,
    True: Redelivery.AFTER_ACK,
    "after": Redelivery.AFTER_ACK,
    "beside": Redelivery.CONCURRENT,
}


@dataclass(frozen=True)
class ControlRequest:
    """The JSON body, the query and the path parameters of a call.

    Each getter raises ControlError where a field is missing or has another type; the message names the field.
    """

    body: Mapping[str, Any]
    query: Mapping[str, str]
    path_params: Mapping[str, str]

    @classmethod
    async def from_http(cls, request: web.Request) -> Self:
        """Read an HTTP request; no body counts as an empty object.

        Raises:
            ControlError: The body is not a JSON object.
        """
        body: object = {}
        if request.can_read_body:
            try:
                body = await request.json()
            except ValueError:
                raise ControlError("the body is no JSON") from None
        if not isinstance(body, dict):
            raise ControlError("the body must be a JSON object")
        return cls(body, request.query, request.match_info)

    def get_text(self, name: str, default: str | None = None) -> str:
        """Return a string; it is required where there is no `default`."""
        value = self.body.get(name, default)
        if not isinstance(value, str):
            raise ControlError(f"{name} is required, as a string")
        return value

    def get_mapping(self, name: str, *, required: bool = True) -> Mapping[str, Any]:
        """Return an object; an optional one is empty by default."""
        value = self.body.get(name, None if required else {})
        if not isinstance(value, Mapping):
            raise ControlError(f"{name} is required, as an object")
        return value

    def get_text_list(self, name: str) -> list[str]:
        """Return a required list of strings, which may be empty."""
        value = self.body.get(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ControlError(f"{name} is required, as a list of strings")
        return value

    def get_flag(self, name: str, *, default: bool = False) -> bool:
        """Return an optional boolean."""
        value = self.body.get(name, default)
        if not isinstance(value, bool):
            raise ControlError(f"{name} must be true or false")
        return value

    def get_number(self, name: str) -> float:
        """Return a required number."""
        value = self.body.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ControlError(f"{name} is required, as a number")
        return float(value)

    def get_redelivery(self) -> Redelivery:
        """Return how `redeliver` repeats the payload: true or "after", "beside", or not at all by default."""
        value = self.body.get("redeliver", False)
        if not isinstance(value, bool | str) or value not in _REDELIVERIES:
            raise ControlError('redeliver must be true, false or "beside"')
        return _REDELIVERIES[value]
