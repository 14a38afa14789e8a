"""The state of elements: which keys of `view.state.values` and of actions hold each element's value."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from bot.sandbox.slack.blockkit.specs import JsonObject
from bot.sandbox.slack.blockkit.traversal import enumerate_objects, iter_interactive_elements


class StateKeys(NamedTuple):
    """The keys for an element's value: `state_key` in its state, `initial_key` in the element itself.

    Without `is_stored`, `view.state.values` has no entry for the element; only its actions have `state_key`.
    """

    state_key: str
    initial_key: str = ""
    is_multiple: bool = False
    is_stored: bool = True

    def get_initial_value(self, element: JsonObject) -> Any:
        """Return a copy of the element's value before anyone uses it."""
        value = element.get(self.initial_key)
        return deepcopy([] if self.is_multiple and value is None else value)


TEXT_KEYS = StateKeys("value", "initial_value")
OPTION_KEYS = StateKeys("selected_option", "initial_option")
OPTION_LIST_KEYS = StateKeys("selected_options", "initial_options", is_multiple=True)
OVERFLOW_KEYS = StateKeys("selected_option", is_stored=False)

#: The keys of every element type that has a value. Buttons have none.
STATE_KEYS_BY_TYPE: dict[str, StateKeys] = {
    "plain_text_input": TEXT_KEYS,
    "number_input": TEXT_KEYS,
    "email_text_input": TEXT_KEYS,
    "url_text_input": TEXT_KEYS,
    "static_select": OPTION_KEYS,
    "external_select": OPTION_KEYS,
    "radio_buttons": OPTION_KEYS,
    "multi_static_select": OPTION_LIST_KEYS,
    "multi_external_select": OPTION_LIST_KEYS,
    "checkboxes": OPTION_LIST_KEYS,
    "overflow": OVERFLOW_KEYS,
    "users_select": StateKeys("selected_user", "initial_user"),
    "multi_users_select": StateKeys("selected_users", "initial_users", is_multiple=True),
    "conversations_select": StateKeys("selected_conversation", "initial_conversation"),
    "multi_conversations_select": StateKeys("selected_conversations", "initial_conversations", is_multiple=True),
    "multi_channels_select": StateKeys("selected_channels", "initial_channels", is_multiple=True),
    "channels_select": StateKeys("selected_channel", "initial_channel"),
    "datepicker": StateKeys("selected_date", "initial_date"),
    "timepicker": StateKeys("selected_time", "initial_time"),
    "datetimepicker": StateKeys("selected_date_time", "initial_date_time"),
}


class StatefulElement(NamedTuple):
    """An element whose value `view.state.values` contains, with its block."""

    block: JsonObject
    element: JsonObject
    state_keys: StateKeys

    @property
    def block_id(self) -> str:
        """The block's id, which is also the key of submission errors."""
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        """The element's id, unique within its block."""
        return str(self.element["action_id"])

    def get_value(self, values: object) -> Any:
        """Return this element's value in `values`, which has the form of `view.state.values`, or None."""
        states = values.get(self.block_id) if isinstance(values, Mapping) else None
        state = states.get(self.action_id) if isinstance(states, Mapping) else None
        return state.get(self.state_keys.state_key) if isinstance(state, Mapping) else None


def find_stateful_elements(blocks: object) -> Iterator[StatefulElement]:
    """Yield the elements that have stored state and ids, in order."""
    for _, block in enumerate_objects(blocks):
        for _, element in iter_interactive_elements(block):
            state_keys = STATE_KEYS_BY_TYPE.get(element["type"])
            if state_keys and state_keys.is_stored and "block_id" in block and "action_id" in element:
                yield StatefulElement(block, element, state_keys)


def build_initial_state(blocks: list[Any]) -> dict[str, dict[str, JsonObject]]:
    """Return `view.state.values` of newly opened `blocks`, which have all ids (see `add_missing_ids`)."""
    values: dict[str, dict[str, JsonObject]] = {}
    for field in find_stateful_elements(blocks):
        state = {
            "type": field.element["type"],
            field.state_keys.state_key: field.state_keys.get_initial_value(field.element),
        }
        values.setdefault(field.block_id, {})[field.action_id] = state
    return values
