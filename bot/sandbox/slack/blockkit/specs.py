"""The vocabulary in which Block Kit is specified: what a value may be. `validator` checks values against it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

JsonObject: TypeAlias = dict[str, Any]


class Problem(NamedTuple):
    """A violation: Slack's message, and a JSON pointer to the invalid value."""

    message: str
    pointer: str

    def __str__(self) -> str:
        """Return the problem as `response_metadata.messages` contains it."""
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"


#: A rule that spans several keys. It receives an object whose keys are valid one by one, and the object's pointer.
CrossFieldRule: TypeAlias = Callable[[JsonObject, str], list[Problem]]


@dataclass(frozen=True)
class Text:
    """A string of `min_length` to `max_length` characters; one of `choices`, and matching `pattern`, if set."""

    max_length: int | None = None
    min_length: int = 0
    choices: tuple[str, ...] = ()
    pattern: str = ""


@dataclass(frozen=True)
class Integer:
    """An integer from `minimum` to `maximum`."""

    minimum: int
    maximum: int


@dataclass(frozen=True)
class Boolean:
    """True or false."""


@dataclass(frozen=True)
class AnyValue:
    """Any value. The validator does not check it."""


@dataclass(frozen=True)
class Nullable:
    """A value of `inner_spec`, or null."""

    inner_spec: "Spec"


@dataclass(frozen=True)
class Array:
    """A list of `min_items` to `max_items` values of `item_spec`."""

    item_spec: "Spec"
    max_items: int
    min_items: int = 0


@dataclass(frozen=True)
class Object:
    """An object: its required keys, its optional keys, and the rules that span them."""

    required: Mapping[str, "Spec"]
    optional: Mapping[str, "Spec"] = field(default_factory=dict)
    rules: tuple[CrossFieldRule, ...] = ()
    allows_extra: bool = False

    def get_spec(self, key: str) -> "Spec | None":
        """Return the spec of the value under `key`, or None if the key is unknown."""
        default = AnyValue() if self.allows_extra else None
        return self.required.get(key, self.optional.get(key, default))


@dataclass(frozen=True)
class TaggedUnion:
    """An object whose `type` selects one of `variants`."""

    variants: Mapping[str, Object]


Spec: TypeAlias = Text | Integer | Boolean | AnyValue | Nullable | Array | Object | TaggedUnion
