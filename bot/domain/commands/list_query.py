"""Build one page of a list of warehouses: filter, sort and cut."""

from collections.abc import Iterable, Sequence

from pydantic import AwareDatetime

from bot.domain.commands.commands import List
from bot.domain.frozen_model import FrozenModel
from bot.domain.warehouses import Space, Warehouse

PAGE_SIZE = 10


class UnreadableSpace(FrozenModel):
    """A space that could not be read, and the message about it."""

    space: Space
    user_message: str


class WarehousePage(FrozenModel):
    """One page of the warehouses that match `query`. `query.page` is the page shown; `total` counts all matches."""

    query: List
    spaces: tuple[Space, ...]
    warehouses: tuple[Warehouse, ...]
    total: int
    disabled_count: int
    page_count: int
    read_at: AwareDatetime
    unreadable_spaces: tuple[UnreadableSpace, ...] = ()


def build_warehouse_page(
    query: List,
    spaces: Sequence[Space],
    warehouses: Iterable[Warehouse],
    read_at: AwareDatetime,
    unreadable_spaces: Sequence[UnreadableSpace] = (),
) -> WarehousePage:
    """Build the page that `query` asks for; the last page if there are fewer."""
    found = sorted((each for each in warehouses if _wanted(query, each)), key=_order)
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = min(query.page, pages)
    return WarehousePage(
        query=query.model_copy(update={"page": page}),
        spaces=tuple(spaces),
        warehouses=tuple(found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]),
        total=len(found),
        disabled_count=sum(not each.enabled for each in found),
        page_count=pages,
        read_at=read_at,
        unreadable_spaces=tuple(unreadable_spaces),
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
