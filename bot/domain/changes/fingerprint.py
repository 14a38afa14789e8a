"""Compute the fingerprint of a warehouse, which changes with anything that Segment shows of it."""

import hashlib
import json

from bot.domain.warehouses import Warehouse


def compute_fingerprint(warehouse: Warehouse) -> str:
    """Return sixteen hex digits that change with anything that Segment shows of `warehouse`."""
    seen = {
        "id": warehouse.id,
        "space": warehouse.space.id,
        "type": warehouse.type.metadata_id,
        "enabled": warehouse.enabled,
        "schema": warehouse.schema_name,
        "settings": dict(warehouse.settings),
    }
    canonical = json.dumps(seen, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
