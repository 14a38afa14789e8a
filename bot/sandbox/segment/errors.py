"""The error envelope, and the exception that carries one."""

from collections.abc import Mapping

from pydantic import JsonValue

#: Types by status, as far as anyone has seen them on the wire (400, 404, 422, 429, 500); the rest are guesses.
ERROR_TYPES = {
    400: "bad-request",
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    409: "conflict",
    413: "payload-too-large",
    422: "input-validation",
    429: "RequestError",
}
DEFAULT_MESSAGES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Payload Too Large",
    422: "Unprocessable Entity",
    429: "Too many requests",
}


class ApiError(Exception):
    """A call answered with an error envelope: its status, its entries and extra headers."""

    def __init__(self, status: int, *entries: dict[str, JsonValue], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, entries)
        self.status = status
        self.errors = entries
        self.headers = dict(headers or {})

    @property
    def envelope(self) -> dict[str, JsonValue]:
        """The body to send."""
        return {"errors": list(self.errors)}


def build_error(
    status: int, message: str | None = None, field: str | None = None, data: JsonValue = None
) -> dict[str, JsonValue]:
    """One entry of the envelope, with what the status usually says where `message` is left out."""
    made: dict[str, JsonValue] = {
        "type": ERROR_TYPES.get(status, "unknown"),
        "message": message or DEFAULT_MESSAGES.get(status, "An unknown error occurred"),
    }
    if field is not None:
        made["field"] = field
    if data is not None:
        made["data"] = data
    return made


def bad_request(message: str) -> ApiError:
    """The call isn't one that can be read: 400."""
    return ApiError(400, build_error(400, message))


def not_found(noun: str, wanted: str) -> ApiError:
    """`noun` is named in the message the way Segment names it: 404."""
    return ApiError(404, build_error(404, f"{noun} with id '{wanted}' not found"))


def conflict(message: str, field: str) -> ApiError:
    """Something with that name is there already: 409."""
    return ApiError(409, build_error(409, message, field))


def invalid_field(field: str, says: str) -> ApiError:
    """One field failed validation; `says` follows the quoted field name in the message: 422."""
    return ApiError(422, build_field_error(field, says))


def build_field_error(field: str, says: str) -> dict[str, JsonValue]:
    """The entry of one field that failed validation."""
    return build_error(422, f'"{field}" {says}', field)


def too_many_requests(consumed: int, ms_before_next: int) -> ApiError:
    """The rate limit is spent; the client is told how long to wait, in whole seconds: 429."""
    seconds = -(-ms_before_next // 1000)
    return ApiError(
        429,
        build_error(429, data=build_rate_limit_data(consumed, ms_before_next)),
        headers={"Retry-After": str(seconds)},
    )


def build_rate_limit_data(consumed: int, ms_before_next: int) -> JsonValue:
    """The `data` of a 429."""
    return {"remainingPoints": 0, "msBeforeNext": ms_before_next, "consumedPoints": consumed}
