"""The history of warehouses that have, or had, the same name."""

from collections.abc import Iterable

from bot.domain.changes.change import Delete
from bot.domain.frozen_model import FrozenModel
from bot.domain.requests.request import Request
from bot.domain.requests.transitions import Succeed
from bot.domain.segment_events import SegmentEvent
from bot.domain.warehouses import Warehouse


class WarehouseHistory(FrozenModel):
    """The history of one warehouse.

    Attributes:
        name: The name of the warehouse, or the name in the newest request if the warehouse is gone.
        warehouse_id: Its id; empty if the requests created no warehouse.
        warehouse: The warehouse that has the name now; None for one that had it before.
        requests: The requests for it, newest first.
        segment_events: Segment's own audit events; None if Segment does not provide them.
    """

    name: str
    warehouse_id: str
    warehouse: Warehouse | None
    requests: tuple[Request, ...]
    segment_events: tuple[SegmentEvent, ...] | None


class WarehouseHistories(FrozenModel):
    """The histories of all warehouses of one name, the present one first, without the `omitted_count` oldest ones."""

    histories: tuple[WarehouseHistory, ...]
    omitted_count: int = 0


def find_deletion(requests: Iterable[Request]) -> Request | None:
    """Return the newest successful request among `requests`, if it deleted the warehouse; else None."""
    successes = [
        (request.last_transition.at, request) for request in requests if isinstance(request.last_transition, Succeed)
    ]
    newest = max(successes, key=lambda success: success[0])[1] if successes else None
    return newest if newest and isinstance(newest.change, Delete) else None
