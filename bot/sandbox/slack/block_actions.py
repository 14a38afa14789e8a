"""Check that a person can act on an element, and build the action that the bot receives."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.slack.blockkit import find_element
from bot.sandbox.slack.blockkit.state import STATE_KEYS_BY_TYPE
from bot.sandbox.slack.errors import ControlError
from bot.sandbox.slack.inputs import Blocks, build_element_state
from bot.sandbox.slack.workspace import StateValues

Element = dict[str, Any]

_BUTTONS = {"button", "workflow_button", "feedback_buttons", "icon_button"}
_BUTTON_KEYS = ("text", "value", "style", "placeholder")


def apply_action(
    blocks: Blocks, values: StateValues, action: Mapping[str, Any], ts: str
) -> tuple[Element, dict[str, Any], StateValues]:
    """Return the element, the action as the bot receives it, and the updated state.

    Raises:
        ControlError: The element is not there or does not accept the action (409).
    """
    block_id, element = _find_element(blocks, action)
    payload: dict[str, Any] = {"type": element["type"], "action_id": element["action_id"], "block_id": block_id}
    if element["type"] in _BUTTONS:
        _check_button_value(element, action)
        button_fields = {name: element[name] for name in _BUTTON_KEYS if name in element}
        return element, {**payload, **button_fields, "action_ts": ts}, values
    state = build_element_state(element, _to_input(action))
    updated = values
    if STATE_KEYS_BY_TYPE[element["type"]].is_stored:
        updated = {**values, block_id: {**values.get(block_id, {}), element["action_id"]: state}}
    return element, {**payload, **state, "action_ts": ts}, updated


def get_confirm_dialog(element: Element) -> Mapping[str, Any] | None:
    """Return the dialog that a person confirms before the action is sent, or None."""
    confirm: Mapping[str, Any] | None = element.get("confirm")
    return confirm


def find_external_select(blocks: Blocks, action: Mapping[str, Any]) -> dict[str, str]:
    """Return the ids of the external select in `action`; raise ControlError (409) if there is none."""
    block_id, element = _find_element(blocks, action)
    if not element["type"].endswith("external_select"):
        raise ControlError(f"{element['action_id']} is a {element['type']}: the bot isn't asked for its options", 409)
    return {"block_id": block_id, "action_id": element["action_id"]}


def _find_element(blocks: Blocks, action: Mapping[str, Any]) -> tuple[str, Element]:
    action_id, wanted_block_id = action.get("action_id"), action.get("block_id")
    for block_id in [wanted_block_id] if isinstance(wanted_block_id, str) else _block_ids(blocks):
        element = find_element(blocks, block_id, action_id) if isinstance(action_id, str) else None
        if element is not None and action.get("type", element["type"]) == element["type"]:
            return block_id, element
    raise ControlError(f"there is no {action_id} to click on any more", 409)


def _block_ids(blocks: Blocks) -> Iterator[str]:
    return (block["block_id"] for block in blocks)


def _check_button_value(element: Element, action: Mapping[str, Any]) -> None:
    if "value" in action and action["value"] != element.get("value"):
        raise ControlError(f"the button {element['action_id']} has another value by now", 409)


def _to_input(action: Mapping[str, Any]) -> object:
    # An action has the form of a state; with `type`, `build_element_state` does not take it for a plain value.
    return {"type": "action", **action}
