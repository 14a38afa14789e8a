"""What can go wrong when something is looked up by what a person typed."""

from typing import TYPE_CHECKING

from bot.domain.errors import BotError, quoted
from bot.domain.warehouses import Warehouse

if TYPE_CHECKING:
    from bot.domain.requests.request import Request

#: Warehouses of one name that an error lists.
_LISTED = 10


class NotFound(BotError):
    """There is no `what` called `wanted`. `nearest` holds names that come close, nearest first."""

    def __init__(self, what: str, wanted: str, nearest: tuple[str, ...] = ()) -> None:
        super().__init__(what, wanted)
        self.what = what
        self.wanted = wanted
        self.nearest = nearest

    @property
    def says(self) -> str:
        """What is missing and what comes close."""
        text = f"I don't know a {self.what} {quoted(self.wanted)}."
        if self.nearest:
            return f"{text} Did you mean {' or '.join(map(quoted, self.nearest))}?"
        return f"{text} `/warehouse list` shows what there is."


class Deleted(NotFound):
    """The warehouse was deleted through this bot, by `request`, which is done."""

    def __init__(self, wanted: str, request: "Request") -> None:
        super().__init__("warehouse", wanted)
        self.request = request

    @property
    def says(self) -> str:
        """That it was there; whoever shows it to a person says when and by whom."""
        return f"{quoted(self.request.change.warehouse_name)} was deleted, as `{self.request.id}`."


class Ambiguous(BotError):
    """Several warehouses, `matches`, answer to `wanted`; the person has to say which."""

    def __init__(self, wanted: str, matches: tuple[Warehouse, ...]) -> None:
        super().__init__(wanted)
        self.wanted = wanted
        self.matches = matches

    @property
    def says(self) -> str:
        """How many there are, and each with what tells it apart."""
        called = f"{len(self.matches)} warehouses are called {quoted(self.wanted)}. Say which by its id:"
        more = [f"and {len(self.matches) - _LISTED} more"] if len(self.matches) > _LISTED else []
        return "\n".join([called, *map(_told_apart, self.matches[:_LISTED]), *more])


def _told_apart(warehouse: Warehouse) -> str:
    on = "on" if warehouse.enabled else "off"
    return f"• {quoted(warehouse.id)} · {warehouse.type.name} · {on} · space {quoted(warehouse.space.slug)}"
