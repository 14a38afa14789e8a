"""One page of a list of warehouses: filtered, sorted and cut, as a value."""

from collections.abc import Iterable, Sequence

from pydantic import AwareDatetime

from bot.domain.commands.commands import List
from bot.domain.warehouses import Space, Value, Warehouse

PAGE_SIZE = 10


class Unread(Value):
    """A space that could not be read, and what to tell about it."""

    space: Space
    says: str


class Listing(Value):
    """What `query` found. `rows` are those of its page; `query.page` is the page that is really shown."""

    query: List
    spaces: tuple[Space, ...]
    rows: tuple[Warehouse, ...]
    total: int
    disabled: int
    pages: int
    at: AwareDatetime
    unread: tuple[Unread, ...] = ()


def listing(
    query: List,
    spaces: Sequence[Space],
    warehouses: Iterable[Warehouse],
    at: AwareDatetime,
    unread: Sequence[Unread] = (),
) -> Listing:
    """The page of `warehouses` that `query` asks for; the last one where it asks for a later page."""
    found = sorted((each for each in warehouses if _wanted(query, each)), key=_order)
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = min(query.page, pages)
    return Listing(
        query=query.model_copy(update={"page": page}),
        spaces=tuple(spaces),
        rows=tuple(found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]),
        total=len(found),
        disabled=sum(not each.enabled for each in found),
        pages=pages,
        at=at,
        unread=tuple(unread),
    )


def _wanted(query: List, warehouse: Warehouse) -> bool:
    kind, find = (query.type or "").casefold(), (query.find or "").casefold()
    kinds = (warehouse.type.slug.casefold(), warehouse.type.name.casefold())
    texts = (warehouse.name, warehouse.id, warehouse.schema_name or "")
    return (
        (not kind or kind in kinds)
        and (query.enabled is None or warehouse.enabled is query.enabled)
        and (not find or any(find in text.casefold() for text in texts))
    )


def _order(warehouse: Warehouse) -> tuple[str, str, str]:
    return warehouse.space.slug.casefold(), warehouse.name.casefold(), warehouse.id
