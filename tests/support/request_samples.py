"""Requests as they are asked under a policy, with the moves that follow."""

from bot.domain.changes.change import Change, Create, Delete, WarehouseSnapshot
from bot.domain.policy import Policy
from bot.domain.requests.request import Request
from bot.domain.requests.requirements import derive_requirements
from bot.domain.requests.state_table import advance
from bot.domain.requests.transitions import Transition
from tests.support.samples import ALICE, NOON, PROD, warehouse

TARGET = WarehouseSnapshot.of(warehouse())
DELETE = Delete(target=TARGET)
CREATE = Create(space=PROD, metadata_id="m", type_slug="snowflake", type_name="Snowflake", name="new")


def asked(change: Change, policy: Policy, *moves: Transition, chain: tuple[str, ...] = ()) -> Request:
    request = Request(
        id="W-1",
        change=change,
        asked_by=ALICE.id,
        asked_in="C0OPS",
        asked_at=NOON,
        requirements=derive_requirements(change, policy),
        chain=chain,
    )
    for move in moves:
        request = advance(request, move)
    return request
