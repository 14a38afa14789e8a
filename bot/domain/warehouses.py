"""The nouns of Segment's Profiles Sync, and finding one warehouse by what a person typed."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Self

from pydantic import JsonValue

from bot.domain.frozen_model import FrozenModel
from bot.domain.text import to_one_line

#: A warehouse's settings as Segment returns them: JSON of any shape, without secrets, plus keys of Segment's own.
WarehouseSettings = Mapping[str, JsonValue]


class Space(FrozenModel):
    """A Segment space. `slug` is what people call it."""

    id: str
    slug: str
    name: str


class SecretRef(FrozenModel):
    """The name of a secret, never its value. Resolved at the moment of execution.

    One that starts with `page:` or `typed:` was handed over by the person who asked, for this one request.
    """

    name: str

    @property
    def one_time_source(self) -> str:
        """How it was handed over: "page" or "typed"; empty where it is kept somewhere under its name."""
        way, colon, _ = self.name.partition(":")
        return way if colon and way in {"page", "typed"} else ""


class Setting(FrozenModel):
    """One key that a warehouse type's settings may carry.

    `name_is_guess` marks keys that nobody has seen on the wire: they come from form labels only.
    `is_writable` is False for keys that only Segment makes (`encrypted`, `ciphertext`, …).
    """

    name: str
    label: str
    is_required: bool
    is_secret: bool
    is_writable: bool
    name_is_guess: bool
    default: str | None = None


class WarehouseType(FrozenModel):
    """A warehouse type of the catalog. `settings` is empty for a type we know nothing of."""

    metadata_id: str
    slug: str
    name: str
    settings: tuple[Setting, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether we have a table of its settings."""
        return bool(self.settings)

    def find_setting(self, name: str) -> Setting | None:
        """What we know of the key `name`, if anything."""
        return next((setting for setting in self.settings if setting.name == name), None)


class Warehouse(FrozenModel):
    """A Profiles Sync warehouse as Segment shows it. `settings` carries its name and never its secrets."""

    id: str
    space: Space
    type: WarehouseType
    enabled: bool
    settings: WarehouseSettings
    schema_name: str | None = None

    @property
    def name(self) -> str:
        """Its name, which Segment keeps in `settings.name`; the type's name where there is none to be seen."""
        name = self.settings.get("name")
        return name if isinstance(name, str) and to_one_line(name) else self.type.name


class SearchResult(FrozenModel):
    """What a search by id or name came to: exactly one, several to choose from, or none with near matches."""

    matches: tuple[Warehouse, ...] = ()
    suggestions: tuple[Warehouse, ...] = ()

    @property
    def single_match(self) -> Warehouse | None:
        """The warehouse, if there is exactly one."""
        return self.matches[0] if len(self.matches) == 1 else None

    @classmethod
    def search(cls, warehouses: Sequence[Warehouse], wanted: str) -> Self:
        """Find `wanted`: an id exactly, or a name as it is shown, in any case; else the names and ids nearest to it."""
        wanted = to_one_line(wanted)
        if exact := [warehouse for warehouse in warehouses if warehouse.id == wanted]:
            return cls(matches=tuple(exact))
        folded = wanted.casefold()
        if named := [warehouse for warehouse in warehouses if folded in _handles(warehouse)]:
            return cls(matches=tuple(named))
        return cls(suggestions=_nearest(warehouses, folded))


def _handles(warehouse: Warehouse) -> tuple[str, str]:
    return to_one_line(warehouse.name).casefold(), warehouse.id.casefold()


def _nearest(warehouses: Iterable[Warehouse], folded: str) -> tuple[Warehouse, ...]:
    by_handle = {handle: warehouse for warehouse in warehouses for handle in _handles(warehouse)}
    close = get_close_matches(folded, by_handle, n=3, cutoff=0.6)
    inside = [handle for handle in by_handle if len(folded) >= 3 and folded in handle]
    unique = {by_handle[handle].id: by_handle[handle] for handle in (*close, *inside)}
    return tuple(unique.values())[:3]
