"""Convert what a person types or chooses to the element state that Slack's payloads contain."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.slack.blockkit import find_element, find_option
from bot.sandbox.slack.blockkit.state import (
    OPTION_KEYS,
    OPTION_LIST_KEYS,
    OVERFLOW_KEYS,
    STATE_KEYS_BY_TYPE,
    TEXT_KEYS,
    StateKeys,
)
from bot.sandbox.slack.errors import ControlError
from bot.sandbox.slack.workspace import StateValues

Blocks = list[dict[str, Any]]


def apply_inputs(values: StateValues, blocks: Blocks, inputs: Mapping[str, Any]) -> StateValues:
    """Return `values` updated with `inputs`, {block_id: {action_id: plain value or Slack's state}}.

    Raises:
        ControlError: An input has the wrong form, or `blocks` do not accept it.
    """
    updated = {block_id: dict(states) for block_id, states in values.items()}
    for block_id, action_id, value in _iter_inputs(inputs):
        element = find_element(blocks, block_id, action_id)
        if element is None:
            raise ControlError(f"there is no {block_id}/{action_id} in what this person sees", 409)
        updated.setdefault(block_id, {})[action_id] = build_element_state(element, value)
    return updated


def build_element_state(element: dict[str, Any], value: object) -> dict[str, Any]:
    """Return the state of `element` with `value`, which is plain or already in Slack's form.

    Raises:
        ControlError: The element does not accept the value.
    """
    element_type = element["type"]
    keys = STATE_KEYS_BY_TYPE.get(element_type)
    if keys is None:
        raise _rejected_value(element)
    if isinstance(value, Mapping) and "type" in value and keys.state_key in value:
        value = value[keys.state_key]
    return {"type": element_type, keys.state_key: _convert_value(element, keys, value)}


def _convert_value(element: dict[str, Any], keys: StateKeys, value: object) -> object:
    if keys in {OPTION_KEYS, OVERFLOW_KEYS}:
        return None if _is_empty(value) else _get_option(element, value)
    if keys == OPTION_LIST_KEYS:
        choices = value if isinstance(value, list) else [] if value is None else [value]
        return [_get_option(element, choice) for choice in choices]
    if keys != TEXT_KEYS:
        return value
    if value is None or isinstance(value, str | int | float):
        return None if _is_empty(value) else str(value)
    raise _rejected_value(element)


def _rejected_value(element: dict[str, Any]) -> ControlError:
    return ControlError(f"that can't be typed into a {element['type']}")


def _is_empty(value: object) -> bool:
    return value is None or value == ""


def _get_option(element: dict[str, Any], choice: object) -> dict[str, Any]:
    value = choice.get("value") if isinstance(choice, Mapping) else choice
    if element["type"].endswith("external_select"):
        # The bot supplied the options just now; the element does not contain them, so the choice is not checked.
        text = {"type": "plain_text", "text": str(value)}
        return dict(choice) if isinstance(choice, Mapping) else {"text": text, "value": str(value)}
    option: dict[str, Any] | None = find_option(element, value)
    if option is None:
        raise ControlError(f"{value!r} is not offered by {element.get('action_id')}", 409)
    return option


def _iter_inputs(inputs: Mapping[str, Any]) -> Iterator[tuple[str, str, object]]:
    for block_id, block_inputs in inputs.items():
        if not isinstance(block_inputs, Mapping):
            raise ControlError("values must be {block_id: {action_id: value}}")
        for action_id, value in block_inputs.items():
            yield block_id, action_id, value
