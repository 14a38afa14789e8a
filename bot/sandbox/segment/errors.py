"""The error envelope, and the exception that carries one."""

from collections.abc import Mapping

from pydantic import JsonValue

#: Types by status, as far as anyone has seen them on the wire (400, 404, 422, 429, 500); the rest are guesses.
TYPES = {
    400: "bad-request",
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    409: "conflict",
    413: "payload-too-large",
    422: "input-validation",
    429: "RequestError",
}
MESSAGES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Payload Too Large",
    422: "Unprocessable Entity",
    429: "Too many requests",
}


class Refused(Exception):
    """A call answered with an error envelope: its status, its entries and extra headers."""

    def __init__(self, status: int, *entries: dict[str, JsonValue], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, entries)
        self.status = status
        self.entries = entries
        self.headers = dict(headers or {})

    @property
    def envelope(self) -> dict[str, JsonValue]:
        """The body to send."""
        return {"errors": list(self.entries)}


def entry(
    status: int, message: str | None = None, field: str | None = None, data: JsonValue = None
) -> dict[str, JsonValue]:
    """One entry of the envelope, with what the status usually says where `message` is left out."""
    made: dict[str, JsonValue] = {
        "type": TYPES.get(status, "unknown"),
        "message": message or MESSAGES.get(status, "An unknown error occurred"),
    }
    if field is not None:
        made["field"] = field
    if data is not None:
        made["data"] = data
    return made


def bad_request(message: str) -> Refused:
    """The call isn't one that can be read: 400."""
    return Refused(400, entry(400, message))


def not_found(noun: str, wanted: str) -> Refused:
    """`noun` is named in the message the way Segment names it: 404."""
    return Refused(404, entry(404, f"{noun} with id '{wanted}' not found"))


def conflict(message: str, field: str) -> Refused:
    """Something with that name is there already: 409."""
    return Refused(409, entry(409, message, field))


def invalid(field: str, says: str) -> Refused:
    """One field failed validation; `says` follows the quoted field name in the message: 422."""
    return Refused(422, invalid_entry(field, says))


def invalid_entry(field: str, says: str) -> dict[str, JsonValue]:
    """The entry of one field that failed validation."""
    return entry(422, f'"{field}" {says}', field)


def too_many(consumed: int, ms_before_next: int) -> Refused:
    """The rate limit is spent; the client is told how long to wait, in whole seconds: 429."""
    seconds = -(-ms_before_next // 1000)
    return Refused(429, entry(429, data=points(consumed, ms_before_next)), headers={"Retry-After": str(seconds)})


def points(consumed: int, ms_before_next: int) -> JsonValue:
    """The `data` of a 429."""
    return {"remainingPoints": 0, "msBeforeNext": ms_before_next, "consumedPoints": consumed}
