"""What happened to warehouses of one name, each by itself."""

from collections.abc import Iterable

from bot.domain.changes.change import Delete
from bot.domain.frozen_model import FrozenModel
from bot.domain.requests.request import Request
from bot.domain.requests.transitions import Succeed
from bot.domain.segment_events import SegmentEvent
from bot.domain.warehouses import Warehouse


class WarehouseHistory(FrozenModel):
    """What was asked of one warehouse, newest first, beside Segment's own `events`: None where Segment does not tell.

    `name` is what it is called, or was when it was last asked for by that name. `warehouse` is the one that goes by it
    now; None for one that did before. `warehouse_id` is empty where no warehouse came of the requests.
    """

    name: str
    warehouse_id: str
    warehouse: Warehouse | None
    requests: tuple[Request, ...]
    segment_events: tuple[SegmentEvent, ...] | None


class WarehouseHistories(FrozenModel):
    """Those of one name, the one that is there now first; `more` are left out."""

    histories: tuple[WarehouseHistory, ...]
    omitted_count: int = 0


def find_deletion(requests: Iterable[Request]) -> Request | None:
    """The request that deleted the warehouse, if that is the newest that was done of `requests`."""
    done = [
        (request.last_transition.at, request) for request in requests if isinstance(request.last_transition, Succeed)
    ]
    newest = max(done, key=lambda each: each[0])[1] if done else None
    return newest if newest and isinstance(newest.change, Delete) else None
