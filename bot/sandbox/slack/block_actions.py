"""A click or choice on what is shown: whether it can be done, and the action that it sends."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.slack.blockkit import find_element
from bot.sandbox.slack.errors import ControlError
from bot.sandbox.slack.inputs import Blocks, build_element_state
from bot.sandbox.slack.workspace import StateValues

Element = dict[str, Any]

_BUTTONS = {"button", "workflow_button", "feedback_buttons", "icon_button"}
_CARRIED = ("text", "value", "style", "placeholder")


def apply_action(
    blocks: Blocks, values: StateValues, action: Mapping[str, Any], ts: str
) -> tuple[Element, dict[str, Any], StateValues]:
    """The element acted on, the action as the bot gets it, and the state afterwards; raises Impossible (409)."""
    block_id, element = _found(blocks, action)
    sent: dict[str, Any] = {"type": element["type"], "action_id": element["action_id"], "block_id": block_id}
    if element["type"] in _BUTTONS:
        _same_value(element, action)
        shown = {name: element[name] for name in _CARRIED if name in element}
        return element, {**sent, **shown, "action_ts": ts}, values
    state = build_element_state(element, _given(action))
    changed = values
    if element["type"] != "overflow":
        changed = {**values, block_id: {**values.get(block_id, {}), element["action_id"]: state}}
    return element, {**sent, **state, "action_ts": ts}, changed


def get_confirm_dialog(element: Element) -> Mapping[str, Any] | None:
    """The dialog that is asked before the action is sent."""
    confirm: Mapping[str, Any] | None = element.get("confirm")
    return confirm


def find_external_select(blocks: Blocks, action: Mapping[str, Any]) -> dict[str, str]:
    """The ids of the external select that `action` names; raises Impossible (409)."""
    block_id, element = _found(blocks, action)
    if not element["type"].endswith("external_select"):
        raise ControlError(f"{element['action_id']} is a {element['type']}: the bot isn't asked for its options", 409)
    return {"block_id": block_id, "action_id": element["action_id"]}


def _found(blocks: Blocks, action: Mapping[str, Any]) -> tuple[str, Element]:
    action_id, wanted = action.get("action_id"), action.get("block_id")
    for block_id in [wanted] if isinstance(wanted, str) else _block_ids(blocks):
        element = find_element(blocks, block_id, action_id) if isinstance(action_id, str) else None
        if element is not None and action.get("type", element["type"]) == element["type"]:
            return block_id, element
    raise ControlError(f"there is no {action_id} to click on any more", 409)


def _block_ids(blocks: Blocks) -> Iterator[str]:
    return (block["block_id"] for block in blocks)


def _same_value(element: Element, action: Mapping[str, Any]) -> None:
    if "value" in action and action["value"] != element.get("value"):
        raise ControlError(f"the button {element['action_id']} has another value by now", 409)


def _given(action: Mapping[str, Any]) -> object:
    # The action as a whole has the shape of a state; `type` tells `state_of` that it isn't a plain value.
    return {"type": "action", **action}
