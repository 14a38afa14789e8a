"""The words in which Block Kit is described: what a value may be. `checker` reads them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

JsonObject: TypeAlias = dict[str, Any]


class Problem(NamedTuple):
    """What is wrong, in Slack's words, and where (a JSON pointer)."""

    message: str
    pointer: str

    def __str__(self) -> str:
        """As in `response_metadata.messages`."""
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"


#: A rule that spans several keys of an object whose every key is well-formed already.
CrossFieldRule: TypeAlias = Callable[[JsonObject, str], list[Problem]]


@dataclass(frozen=True)
class Text:
    """A string of `low` to `high` characters; one of `choices` or of the shape of `pattern`, where these are given."""

    max_length: int | None = None
    min_length: int = 0
    choices: tuple[str, ...] = ()
    pattern: str = ""


@dataclass(frozen=True)
class Integer:
    """A whole number."""

    minimum: int
    maximum: int


@dataclass(frozen=True)
class Boolean:
    """True or false."""


@dataclass(frozen=True)
class AnyValue:
    """Whatever may stand there: not looked into."""


@dataclass(frozen=True)
class Nullable:
    """`of`, or null."""

    inner_spec: "Spec"


@dataclass(frozen=True)
class Array:
    """A list of `low` to `high` values, each an `of`."""

    item_spec: "Spec"
    max_items: int
    min_items: int = 0


@dataclass(frozen=True)
class Object:
    """An object: the keys that it must have, those that it may have, and the rules that span them."""

    required: Mapping[str, "Spec"]
    optional: Mapping[str, "Spec"] = field(default_factory=dict)
    rules: tuple[CrossFieldRule, ...] = ()
    allows_extra: bool = False

    def get_spec(self, key: str) -> "Spec | None":
        """What may stand under `key`; nothing where the key is unknown."""
        unknown = AnyValue() if self.allows_extra else None
        return self.required.get(key, self.optional.get(key, unknown))


@dataclass(frozen=True)
class TaggedUnion:
    """An object told by its `type`."""

    variants: Mapping[str, Object]


Spec: TypeAlias = Text | Integer | Boolean | AnyValue | Nullable | Array | Object | TaggedUnion
