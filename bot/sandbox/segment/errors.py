"""The errors of the API: the exception, and the entries of its JSON envelope."""

from collections.abc import Mapping

from pydantic import JsonValue

#: Error types by status. Those of 400, 404, 422, 429 and 500 were seen in real responses; the others are guesses.
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
    """The API refuses a call: the status, the entries of the envelope and extra headers of the response."""

    def __init__(self, status: int, *entries: dict[str, JsonValue], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, entries)
        self.status = status
        self.errors = entries
        self.headers = dict(headers or {})

    @property
    def envelope(self) -> dict[str, JsonValue]:
        """The body of the response."""
        return {"errors": list(self.errors)}


def build_error(
    status: int, message: str | None = None, field: str | None = None, data: JsonValue = None
) -> dict[str, JsonValue]:
    """Build an entry of the envelope; the default `message` depends on the status."""
    entry: dict[str, JsonValue] = {
        "type": ERROR_TYPES.get(status, "unknown"),
        "message": message or DEFAULT_MESSAGES.get(status, "An unknown error occurred"),
    }
    if field is not None:
        entry["field"] = field
    if data is not None:
        entry["data"] = data
    return entry


def bad_request(message: str) -> ApiError:
    """Build the error for a call that can't be parsed (400)."""
    return ApiError(400, build_error(400, message))


def not_found(noun: str, resource_id: str) -> ApiError:
    """Build the error for a missing resource (404); `noun` is Segment's word for the resource in the message."""
    return ApiError(404, build_error(404, f"{noun} with id '{resource_id}' not found"))


def conflict(message: str, field: str) -> ApiError:
    """Build the error for a name that is in use (409)."""
    return ApiError(409, build_error(409, message, field))


def invalid_field(field: str, problem: str) -> ApiError:
    """Build the error for a field that fails validation (422); `problem` follows the quoted field name."""
    return ApiError(422, build_field_error(field, problem))


def build_field_error(field: str, problem: str) -> dict[str, JsonValue]:
    """Build the entry for a field that fails validation."""
    return build_error(422, f'"{field}" {problem}', field)


def too_many_requests(consumed: int, ms_before_next: int) -> ApiError:
    """Build the error for an exceeded rate limit (429), with a `Retry-After` in whole seconds."""
    seconds = -(-ms_before_next // 1000)
    return ApiError(
        429,
        build_error(429, data=build_rate_limit_data(consumed, ms_before_next)),
        headers={"Retry-After": str(seconds)},
    )


def build_rate_limit_data(consumed: int, ms_before_next: int) -> JsonValue:
    """Build the `data` of a 429."""
    return {"remainingPoints": 0, "msBeforeNext": ms_before_next, "consumedPoints": consumed}
