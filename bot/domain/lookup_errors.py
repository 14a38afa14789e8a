"""Errors of looking something up by what a person typed; a part of the tree in `errors`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.errors import BotError, quote_code
from bot.domain.warehouses import Warehouse

if TYPE_CHECKING:
    from bot.domain.requests.request import Request

#: How many warehouses of one name the message lists.
_MAX_LISTED = 10


@dataclass(eq=False, repr=False)
class NotFound(BotError):
    """There is no `resource` called `identifier`. `suggestions` are similar names, nearest first."""

    resource: str
    identifier: str
    suggestions: tuple[str, ...] = ()

    @property
    def user_message(self) -> str:
        """What was not found, and similar names."""
        text = f"I don't know a {self.resource} {quote_code(self.identifier)}."
        if self.suggestions:
            return f"{text} Did you mean {' or '.join(map(quote_code, self.suggestions))}?"
        return f"{text} `/warehouse list` shows what there is."


class WarehouseDeleted(NotFound):
    """The warehouse was deleted through this bot, by `request`, which is done."""

    def __init__(self, identifier: str, request: "Request") -> None:
        super().__init__("warehouse", identifier)
        self.request = request

    @property
    def user_message(self) -> str:
        """That the warehouse was deleted. The renderer adds when and by whom."""
        return f"{quote_code(self.request.change.warehouse_name)} was deleted, as `{self.request.id}`."


@dataclass(eq=False, repr=False)
class AmbiguousWarehouse(BotError):
    """Several warehouses, `matches`, have the name `identifier`; the person has to choose one by its id."""

    identifier: str
    matches: tuple[Warehouse, ...]

    @property
    def user_message(self) -> str:
        """How many warehouses match, and the details that distinguish them."""
        called = f"{len(self.matches)} warehouses are called {quote_code(self.identifier)}. Say which by its id:"
        more = [f"and {len(self.matches) - _MAX_LISTED} more"] if len(self.matches) > _MAX_LISTED else []
        return "\n".join([called, *map(_describe, self.matches[:_MAX_LISTED]), *more])


def _describe(warehouse: Warehouse) -> str:
    on = "on" if warehouse.enabled else "off"
    return f"• {quote_code(warehouse.id)} · {warehouse.type.name} · {on} · space {quote_code(warehouse.space.slug)}"
