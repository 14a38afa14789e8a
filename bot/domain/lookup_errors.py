"""What can go wrong when something is looked up by what a person typed."""

from typing import TYPE_CHECKING

from bot.domain.errors import BotError, quote_code
from bot.domain.warehouses import Warehouse

if TYPE_CHECKING:
    from bot.domain.requests.request import Request

#: Warehouses of one name that an error lists.
_LISTED = 10


class NotFound(BotError):
    """There is no `what` called `wanted`. `nearest` holds names that come close, nearest first."""

    def __init__(self, resource: str, identifier: str, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(resource, identifier)
        self.resource = resource
        self.identifier = identifier
        self.suggestions = suggestions

    @property
    def user_message(self) -> str:
        """What is missing and what comes close."""
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
        """That it was there; whoever shows it to a person says when and by whom."""
        return f"{quote_code(self.request.change.warehouse_name)} was deleted, as `{self.request.id}`."


class AmbiguousWarehouse(BotError):
    """Several warehouses, `matches`, answer to `wanted`; the person has to say which."""

    def __init__(self, identifier: str, matches: tuple[Warehouse, ...]) -> None:
        super().__init__(identifier)
        self.identifier = identifier
        self.matches = matches

    @property
    def user_message(self) -> str:
        """How many there are, and each with what tells it apart."""
        called = f"{len(self.matches)} warehouses are called {quote_code(self.identifier)}. Say which by its id:"
        more = [f"and {len(self.matches) - _LISTED} more"] if len(self.matches) > _LISTED else []
        return "\n".join([called, *map(_told_apart, self.matches[:_LISTED]), *more])


def _told_apart(warehouse: Warehouse) -> str:
    on = "on" if warehouse.enabled else "off"
    return f"• {quote_code(warehouse.id)} · {warehouse.type.name} · {on} · space {quote_code(warehouse.space.slug)}"
