"""What a person typed or chose, in the shape that Slack's payloads carry it."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.slack.blockkit import find_element, find_option
from bot.sandbox.slack.errors import ControlError
from bot.sandbox.slack.workspace import StateValues

Blocks = list[dict[str, Any]]

#: Where an element's state holds what it holds as it is, and not as an option.
_PLAIN = {
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "rich_text_input": "rich_text_value",
    "file_input": "files",
}
_ONE = {"static_select", "external_select", "radio_buttons", "overflow"}
_MANY = {"multi_static_select", "multi_external_select", "checkboxes"}
_INPUTS = {"plain_text_input", "number_input", "email_text_input", "url_text_input"}
#: Where the state of each kind holds what was typed or chosen.
_KEYS = {
    **dict.fromkeys(_ONE, "selected_option"),
    **dict.fromkeys(_MANY, "selected_options"),
    **dict.fromkeys(_INPUTS, "value"),
    **_PLAIN,
}


def apply_inputs(values: StateValues, blocks: Blocks, given: Mapping[str, Any]) -> StateValues:
    """`values` with what was `given`, {block_id: {action_id: plain value or Slack's state}}; raises Impossible."""
    changed = {block_id: dict(states) for block_id, states in values.items()}
    for block_id, action_id, value in _each(given):
        element = find_element(blocks, block_id, action_id)
        if element is None:
            raise ControlError(f"there is no {block_id}/{action_id} in what this person sees", 409)
        changed.setdefault(block_id, {})[action_id] = build_element_state(element, value)
    return changed


def build_element_state(element: dict[str, Any], value: object) -> dict[str, Any]:
    """An element's state holding `value`, plain or already in Slack's shape; raises Impossible."""
    kind = element["type"]
    if isinstance(value, Mapping) and "type" in value and _KEYS.get(kind) in value:
        value = value[_KEYS[kind]]
    if kind in _ONE:
        return {"type": kind, "selected_option": None if _nothing(value) else _option(element, value)}
    if kind in _MANY:
        chosen = value if isinstance(value, list) else [] if value is None else [value]
        return {"type": kind, "selected_options": [_option(element, one) for one in chosen]}
    if kind in _PLAIN:
        return {"type": kind, _PLAIN[kind]: value}
    if kind in _INPUTS and (value is None or isinstance(value, str | int | float)):
        return {"type": kind, "value": None if _nothing(value) else str(value)}
    raise ControlError(f"that can't be typed into a {kind}")


def _nothing(value: object) -> bool:
    return value is None or value == ""


def _option(element: dict[str, Any], given: object) -> dict[str, Any]:
    value = given.get("value") if isinstance(given, Mapping) else given
    if element["type"].endswith("external_select"):
        # Its options came from the bot a moment ago: only the person who picked one knows its text.
        text = {"type": "plain_text", "text": str(value)}
        return dict(given) if isinstance(given, Mapping) else {"text": text, "value": str(value)}
    option: dict[str, Any] | None = find_option(element, value)
    if option is None:
        raise ControlError(f"{value!r} is not offered by {element.get('action_id')}", 409)
    return option


def _each(given: Mapping[str, Any]) -> Iterator[tuple[str, str, object]]:
    for block_id, actions in given.items():
        if not isinstance(actions, Mapping):
            raise ControlError("values must be {block_id: {action_id: value}}")
        for action_id, value in actions.items():
            yield block_id, action_id, value
