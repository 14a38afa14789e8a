"""What happened to warehouses of one name, each by itself."""

from bot.domain.audit import SegmentEvent
from bot.domain.requests import Request
from bot.domain.warehouses import Value, Warehouse


class Trail(Value):
    """What was asked of one warehouse, newest first, beside Segment's own `events`: None where Segment does not tell.

    `name` is what it is called, or was when it was last asked for by that name. `warehouse` is the one that goes by it
    now; None for one that did before. `warehouse_id` is empty where no warehouse came of the requests.
    """

    name: str
    warehouse_id: str
    warehouse: Warehouse | None
    requests: tuple[Request, ...]
    events: tuple[SegmentEvent, ...] | None


class Trails(Value):
    """Those of one name, the one that is there now first; `more` are left out."""

    shown: tuple[Trail, ...]
    more: int = 0
