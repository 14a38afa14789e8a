"""The state of the local Segment: spaces with their warehouses, the audit log, the switches, the rate limit."""

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
_MAX_SNAPSHOT_EVENTS = 200


class SegmentState:
    """The state of the local Segment, which starts with the fixtures.

    `token` is the token that the API accepts; a reset keeps it.
    """

    workspace = WORKSPACE

    def __init__(self, token: str) -> None:
        self.token = token
        self.reset()

    def reset(self) -> None:
        """Return to the fixtures, the default switches, an unused rate limit and an empty audit log."""
        self.switches = Switches()
        self.rate_limiter = RateLimiter()
        self.audit_log = AuditLog()
        self.restore_warehouses()

    def restore_warehouses(self, names: Collection[str] | None = None) -> None:
        """Restore the warehouses of the fixtures, and remove all others.

        With `names`, replace only the warehouses that have one of these names, and leave the others.
        """
        fixtures = {warehouse.id: warehouse for warehouse in build_warehouses()}
        if names is None:
            self._warehouses = fixtures
            return
        restored = {key: each for key, each in fixtures.items() if each.name in names}
        warehouses = {key: each for key, each in self._warehouses.items() if each.name not in names} | restored
        order = [*fixtures, *(key for key in warehouses if key not in fixtures)]
        self._warehouses = {key: warehouses[key] for key in order if key in warehouses}

    def configure_switches(self, changes: Mapping[str, object]) -> Switches:
        """Set some switches; raises InvalidSwitches, which names every problem, and then changes nothing."""
        self.switches = self.switches.with_changes(changes)
        return self.switches

    def get_space(self, space_id: str) -> NamedResource:
        """Return the space with this id; raises ApiError (404) where there is none."""
        for space in SPACES:
            if space.id == space_id:
                return space
        raise not_found("Space", space_id)

    def list_warehouses(self, space_id: str) -> list[Warehouse]:
        """List the warehouses of a space, oldest first; raises ApiError (404) where there is no such space."""
        space = self.get_space(space_id)
        return [warehouse for warehouse in self._warehouses.values() if warehouse.space_id == space.id]

    def get_warehouse(self, space_id: str, warehouse_id: str) -> Warehouse:
        """Return a warehouse of a space; raises ApiError (404) where the space or the warehouse in it doesn't exist."""
        for warehouse in self.list_warehouses(space_id):
            if warehouse.id == warehouse_id:
                return warehouse
        raise not_found("Warehouse", warehouse_id)

    def find_warehouse_by_name(self, name: str) -> Warehouse | None:
        """Find the oldest warehouse with this name, in any space."""
        return next((warehouse for warehouse in self._warehouses.values() if warehouse.name == name), None)

    def add_warehouse(self, warehouse: Warehouse) -> None:
        """Add a new warehouse."""
        self._warehouses[warehouse.id] = warehouse

    def remove_warehouse(self, warehouse: Warehouse) -> None:
        """Remove a warehouse."""
        del self._warehouses[warehouse.id]

    def has_secret(self, warehouse_id: str, key: str, value: JsonValue) -> bool:
        """Whether the secret `key` of a warehouse is `value`; nothing else can be learned about a secret."""
        assert is_secret_key(key), f"{key} is not a secret key"
        stored = self._warehouses[warehouse_id].secrets.get(key)
        return stored is not None and stored.digest == StoredSecret.from_value(value).digest

    def snapshot(self) -> dict[str, object]:
        """Convert to JSON for the control API and the page; it shows which secrets are set, but no values."""
        return {
            "workspace": self.workspace.to_json(),
            "spaces": [
                space.to_json() | {"warehouses": [warehouse.snapshot() for warehouse in self.list_warehouses(space.id)]}
                for space in SPACES
            ],
            "auditEvents": [event.to_json() for event in self.audit_log.list_newest_first()[:_MAX_SNAPSHOT_EVENTS]],
            "switches": self.switches.model_dump(),
        }


def generate_id() -> str:
    """Generate an id in Segment's format: 22 characters of base 58."""
    return "".join(secrets.choice(_BASE58) for _ in range(22))
