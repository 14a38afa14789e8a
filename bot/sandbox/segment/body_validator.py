"""Validate a request's body, and report all of its problems at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from bot.sandbox.segment.errors import ApiError, build_field_error

Body = Mapping[str, JsonValue]
MAX_TEXT_LENGTH = 255

_TYPES: Mapping[str, type] = {"string": str, "boolean": bool, "object": dict, "array": list}


@dataclass
class BodyValidator:
    """Collects the problems of a body. `path` is a prefix for the names of the fields in the response."""

    errors: list[dict[str, JsonValue]] = field(default_factory=list)

    def add_error(self, name: str, problem: str) -> None:
        """Add a problem; `problem` follows the quoted field name in the message."""
        self.errors.append(build_field_error(name, problem))

    def check_unknown_fields(self, body: Body, allowed: Iterable[str], path: str = "") -> None:
        """Add a problem for each field that isn't in `allowed`."""
        for name in sorted(set(body) - set(allowed)):
            self.add_error(path + name, "is not allowed")

    def check_required_fields(self, body: Body, names: Iterable[str], path: str = "") -> None:
        """Add a problem for each field of `names` that is missing."""
        for name in names:
            if name not in body:
                self.add_error(path + name, "is required")

    def check_type(self, body: Body, name: str, json_type: str, path: str = "") -> None:
        """Add a problem where a field is present and has another JSON type; an unknown type allows any value."""
        if name in body and not isinstance(body[name], _TYPES.get(json_type, object)):
            self.add_error(path + name, f"must be {'an' if json_type[0] in 'aeiou' else 'a'} {json_type}")

    def check_text(self, body: Body, name: str, path: str = "") -> None:
        """Add a problem where a field is present and isn't a string of 1 to 255 characters."""
        self.check_type(body, name, "string", path)
        value = body.get(name)
        if value == "":
            self.add_error(path + name, "is not allowed to be empty")
        if isinstance(value, str) and len(value) > MAX_TEXT_LENGTH:
            self.add_error(path + name, f"length must be less than or equal to {MAX_TEXT_LENGTH} characters long")

    def raise_errors(self) -> None:
        """Raise ApiError (422) if there are problems."""
        if self.errors:
            raise ApiError(422, *self.errors)


def as_object(value: JsonValue) -> dict[str, JsonValue]:
    """Return `value`, which the caller knows to be an object."""
    assert isinstance(value, dict)
    return value


def get_text(body: Body, name: str) -> str | None:
    """Return the string in field `name`, or None where it is missing."""
    value = body.get(name)
    return value if isinstance(value, str) else None


def get_flag(body: Body, name: str) -> bool | None:
    """Return the boolean in field `name`, or None where it is missing."""
    value = body.get(name)
    return value if isinstance(value, bool) else None
