"""The local Segment's state: spaces with their warehouses, the audit trail, the switches, the rate window."""

import secrets
from collections.abc import Collection, Mapping

from pydantic import JsonValue

from bot.sandbox.segment.audit_log import AuditLog
from bot.sandbox.segment.catalog import is_secret_key
from bot.sandbox.segment.errors import not_found
from bot.sandbox.segment.fixtures import SPACES, WORKSPACE, NamedResource, build_warehouses
from bot.sandbox.segment.rate_limit import RateLimiter
from bot.sandbox.segment.records import StoredSecret, Warehouse
from bot.sandbox.segment.switches import Switches

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_SHOWN_EVENTS = 200


class SegmentState:
    """All that this Segment knows. It starts as the declared world, and `reset` makes it that again.

    `token` is the one that it takes; it stays over a reset.
    """

    workspace = WORKSPACE

    def __init__(self, token: str) -> None:
        self.token = token
        self.reset()

    def reset(self) -> None:
        """The declared world again: warehouses, switches and rate window, with an empty audit trail."""
        self.switches = Switches()
        self.rate_limiter = RateLimiter()
        self.audit_log = AuditLog()
        self.restore_warehouses()

    def restore_warehouses(self, names: Collection[str] | None = None) -> None:
        """The declared warehouses again, and no others; with `names` only those that are called so, the rest stays."""
        declared = {warehouse.id: warehouse for warehouse in build_warehouses()}
        if names is None:
            self._warehouses = declared
            return
        wanted = {key: each for key, each in declared.items() if each.name in names}
        kept = {key: each for key, each in self._warehouses.items() if each.name not in names} | wanted
        order = [*declared, *(key for key in kept if key not in declared)]
        self._warehouses = {key: kept[key] for key in order if key in kept}

    def configure_switches(self, changes: Mapping[str, object]) -> Switches:
        """Set switches, leaving the others; raises BadSwitches, naming every problem, and then changes nothing."""
        self.switches = self.switches.with_changes(changes)
        return self.switches

    def get_space(self, space_id: str) -> NamedResource:
        """The space with this id; raises Refused (404) without one."""
        for space in SPACES:
            if space.id == space_id:
                return space
        raise not_found("Space", space_id)

    def list_warehouses(self, space_id: str) -> list[Warehouse]:
        """A space's warehouses, oldest first; raises Refused (404) without such a space."""
        space = self.get_space(space_id)
        return [warehouse for warehouse in self._warehouses.values() if warehouse.space_id == space.id]

    def get_warehouse(self, space_id: str, warehouse_id: str) -> Warehouse:
        """One warehouse of a space; raises Refused (404) without such a space, or without it in that space."""
        for warehouse in self.list_warehouses(space_id):
            if warehouse.id == warehouse_id:
                return warehouse
        raise not_found("Warehouse", warehouse_id)

    def find_warehouse_by_name(self, name: str) -> Warehouse | None:
        """The oldest warehouse of this name, in any space."""
        return next((warehouse for warehouse in self._warehouses.values() if warehouse.name == name), None)

    def add_warehouse(self, warehouse: Warehouse) -> None:
        """Keep a new warehouse."""
        self._warehouses[warehouse.id] = warehouse

    def remove_warehouse(self, warehouse: Warehouse) -> None:
        """Forget a warehouse."""
        del self._warehouses[warehouse.id]

    def has_secret(self, warehouse_id: str, key: str, value: JsonValue) -> bool:
        """Whether the stored secret `key` of a warehouse is `value`: all that anyone may learn of it."""
        assert is_secret_key(key), f"{key} is not a secret key"
        stored = self._warehouses[warehouse_id].secrets.get(key)
        return stored is not None and stored.digest == StoredSecret.from_value(value).digest

    def snapshot(self) -> dict[str, object]:
        """Everything as plain JSON, for the control API and the page; of secrets only that they are set."""
        return {
            "workspace": self.workspace.to_json(),
            "spaces": [
                space.to_json() | {"warehouses": [warehouse.snapshot() for warehouse in self.list_warehouses(space.id)]}
                for space in SPACES
            ],
            "auditEvents": [event.to_json() for event in self.audit_log.list_newest_first()[:_SHOWN_EVENTS]],
            "switches": self.switches.model_dump(),
        }


def generate_id() -> str:
    """An id in Segment's shape: 22 characters of base 58."""
    return "".join(secrets.choice(_BASE58) for _ in range(22))
