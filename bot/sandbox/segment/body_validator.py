"""Collecting what is wrong with one body, so that every problem is said at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from bot.sandbox.segment.errors import Refused, invalid_entry

Body = Mapping[str, JsonValue]
LONGEST_NAME = 255

_TYPES: Mapping[str, type] = {"string": str, "boolean": bool, "object": dict, "array": list}


@dataclass
class Problems:
    """The entries of a 422 to be. `path` is what comes before a field's name in the answer."""

    entries: list[dict[str, JsonValue]] = field(default_factory=list)

    def add(self, name: str, says: str) -> None:
        """Note one problem; `says` follows the quoted field name."""
        self.entries.append(invalid_entry(name, says))

    def unknown(self, body: Body, allowed: Iterable[str], path: str = "") -> None:
        """Note every field that isn't among `allowed`."""
        for name in sorted(set(body) - set(allowed)):
            self.add(path + name, "is not allowed")

    def required(self, body: Body, names: Iterable[str], path: str = "") -> None:
        """Note every field of `names` that was left out."""
        for name in names:
            if name not in body:
                self.add(path + name, "is required")

    def typed(self, body: Body, name: str, kind: str, path: str = "") -> None:
        """Note a field that is there and isn't of the JSON type `kind`; types not known here take anything."""
        if name in body and not isinstance(body[name], _TYPES.get(kind, object)):
            self.add(path + name, f"must be {'an' if kind[0] in 'aeiou' else 'a'} {kind}")

    def text(self, body: Body, name: str, path: str = "") -> None:
        """Note a field that is there and isn't a text of 1 to 255 characters."""
        self.typed(body, name, "string", path)
        value = body.get(name)
        if value == "":
            self.add(path + name, "is not allowed to be empty")
        if isinstance(value, str) and len(value) > LONGEST_NAME:
            self.add(path + name, f"length must be less than or equal to {LONGEST_NAME} characters long")

    def refuse(self) -> None:
        """Raise Refused (422) if there was any problem."""
        if self.entries:
            raise Refused(422, *self.entries)


def objects(value: JsonValue) -> dict[str, JsonValue]:
    """`value`, known to be an object."""
    assert isinstance(value, dict)
    return value


def text_or_none(body: Body, name: str) -> str | None:
    """The text in field `name`, None where it was left out."""
    value = body.get(name)
    return value if isinstance(value, str) else None


def flag_or_none(body: Body, name: str) -> bool | None:
    """The flag in field `name`, None where it was left out."""
    value = body.get(name)
    return value if isinstance(value, bool) else None
