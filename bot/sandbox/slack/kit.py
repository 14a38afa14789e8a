"""A stand-in for bot.sandbox.slack.blockkit until it exists; goes away then."""

from collections.abc import Mapping, Sequence
from typing import Any

_UNCERTAIN = "type"


def problems_of_blocks(blocks: Sequence[Mapping[str, Any]], surface: str) -> list[str]:
    return [f"unsupported type: {b.get('type')} [json-pointer:/blocks/{i}/type]" for i, b in enumerate(blocks) if b.get("type") not in ("section", "actions", "input", "context", "divider", "header", "table", "image", "markdown")]


def problems_of_view(view: Mapping[str, Any]) -> list[str]:
    return problems_of_blocks(view.get("blocks", []), "view")


def with_ids(blocks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"block_id": f"b{i}"} | dict(b) for i, b in enumerate(blocks)]


def _elements(blocks):
    for b in blocks:
        for e in [b.get("element"), b.get("accessory"), *(b.get("elements") or [])]:
            if isinstance(e, dict) and "action_id" in e:
                yield b["block_id"], e


def initial_state(blocks):
    out = {}
    for bid, e in _elements(blocks):
        t = e["type"]
        if t == "button":
            continue
        if "input" in t:
            out.setdefault(bid, {})[e["action_id"]] = {"type": t, "value": e.get("initial_value")}
        elif t == "static_select":
            out.setdefault(bid, {})[e["action_id"]] = {"type": t, "selected_option": e.get("initial_option")}
    return out


def find_element(blocks, block_id, action_id):
    return next((e for bid, e in _elements(blocks) if bid == block_id and e["action_id"] == action_id), None)


def find_option(element, value):
    return next((o for o in element.get("options", []) if o["value"] == value), None)


def problems_of_submission(blocks, values):
    return {b["block_id"]: "required" for b in blocks if b.get("type") == "input" and not b.get("optional") and not any(list(v.values())[1] for v in values.get(b["block_id"], {}).values())}
