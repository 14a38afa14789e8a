"""Collecting what is wrong with one body, so that every problem is said at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from bot.sandbox.segment.errors import ApiError, build_field_error

Body = Mapping[str, JsonValue]
MAX_TEXT_LENGTH = 255

_TYPES: Mapping[str, type] = {"string": str, "boolean": bool, "object": dict, "array": list}


@dataclass
class BodyValidator:
    """The entries of a 422 to be. `path` is what comes before a field's name in the answer."""

    errors: list[dict[str, JsonValue]] = field(default_factory=list)

    def add_error(self, name: str, says: str) -> None:
        """Note one problem; `says` follows the quoted field name."""
        self.errors.append(build_field_error(name, says))

    def check_unknown_fields(self, body: Body, allowed: Iterable[str], path: str = "") -> None:
        """Note every field that isn't among `allowed`."""
        for name in sorted(set(body) - set(allowed)):
            self.add_error(path + name, "is not allowed")

    def check_required_fields(self, body: Body, names: Iterable[str], path: str = "") -> None:
        """Note every field of `names` that was left out."""
        for name in names:
            if name not in body:
                self.add_error(path + name, "is required")

    def check_type(self, body: Body, name: str, kind: str, path: str = "") -> None:
        """Note a field that is there and isn't of the JSON type `kind`; types not known here take anything."""
        if name in body and not isinstance(body[name], _TYPES.get(kind, object)):
            self.add_error(path + name, f"must be {'an' if kind[0] in 'aeiou' else 'a'} {kind}")

    def check_text(self, body: Body, name: str, path: str = "") -> None:
        """Note a field that is there and isn't a text of 1 to 255 characters."""
        self.check_type(body, name, "string", path)
        value = body.get(name)
        if value == "":
            self.add_error(path + name, "is not allowed to be empty")
        if isinstance(value, str) and len(value) > MAX_TEXT_LENGTH:
            self.add_error(path + name, f"length must be less than or equal to {MAX_TEXT_LENGTH} characters long")

    def raise_errors(self) -> None:
        """Raise Refused (422) if there was any problem."""
        if self.errors:
            raise ApiError(422, *self.errors)


def as_object(value: JsonValue) -> dict[str, JsonValue]:
    """`value`, known to be an object."""
    assert isinstance(value, dict)
    return value


def get_text(body: Body, name: str) -> str | None:
    """The text in field `name`, None where it was left out."""
    value = body.get(name)
    return value if isinstance(value, str) else None


def get_flag(body: Body, name: str) -> bool | None:
    """The flag in field `name`, None where it was left out."""
    value = body.get(name)
    return value if isinstance(value, bool) else None
