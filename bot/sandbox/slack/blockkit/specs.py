"""The words in which Block Kit is described: what a value may be. `checker` reads them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

Json: TypeAlias = dict[str, Any]


class Problem(NamedTuple):
    """What is wrong, in Slack's words, and where (a JSON pointer)."""

    message: str
    pointer: str

    def __str__(self) -> str:
        """As in `response_metadata.messages`."""
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"


#: A rule that spans several keys of an object whose every key is well-formed already.
Rule: TypeAlias = Callable[[Json, str], list[Problem]]


@dataclass(frozen=True)
class Text:
    """A string of `low` to `high` characters; one of `choices` or of the shape of `pattern`, where these are given."""

    high: int | None = None
    low: int = 0
    choices: tuple[str, ...] = ()
    pattern: str = ""


@dataclass(frozen=True)
class Whole:
    """A whole number."""

    low: int
    high: int


@dataclass(frozen=True)
class Flag:
    """True or false."""


@dataclass(frozen=True)
class Anything:
    """Whatever may stand there: not looked into."""


@dataclass(frozen=True)
class Nullable:
    """`of`, or null."""

    of: "Spec"


@dataclass(frozen=True)
class Array:
    """A list of `low` to `high` values, each an `of`."""

    of: "Spec"
    high: int
    low: int = 0


@dataclass(frozen=True)
class Shape:
    """An object: the keys that it must have, those that it may have, and the rules that span them."""

    required: Mapping[str, "Spec"]
    optional: Mapping[str, "Spec"] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    open_ended: bool = False

    def spec_of(self, key: str) -> "Spec | None":
        """What may stand under `key`; nothing where the key is unknown."""
        unknown = Anything() if self.open_ended else None
        return self.required.get(key, self.optional.get(key, unknown))


@dataclass(frozen=True)
class OneOf:
    """An object told by its `type`."""

    kinds: Mapping[str, Shape]


Spec: TypeAlias = Text | Whole | Flag | Anything | Nullable | Array | Shape | OneOf
