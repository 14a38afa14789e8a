"""What `view.state.values` holds: the answer that each element keeps, and where."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from bot.sandbox.slack.blockkit.specs import JsonObject
from bot.sandbox.slack.blockkit.traversal import enumerate_objects, iter_interactive_elements


class StateKeys(NamedTuple):
    """How an element keeps its answer: under which key, and which key of the element it starts from."""

    state_key: str
    initial_key: str
    is_multiple: bool = False

    def get_initial_value(self, element: JsonObject) -> Any:
        """The answer before anyone touched the element."""
        held = element.get(self.initial_key)
        return deepcopy([] if self.is_multiple and held is None else held)


_TYPED = StateKeys("value", "initial_value")
_OPTION = StateKeys("selected_option", "initial_option")
_OPTIONS = StateKeys("selected_options", "initial_options", is_multiple=True)

#: The elements that keep an answer. Buttons and overflow menus only tell of a click.
STATE_KEYS_BY_TYPE: dict[str, StateKeys] = {
    "plain_text_input": _TYPED,
    "number_input": _TYPED,
    "email_text_input": _TYPED,
    "url_text_input": _TYPED,
    "static_select": _OPTION,
    "external_select": _OPTION,
    "radio_buttons": _OPTION,
    "multi_static_select": _OPTIONS,
    "multi_external_select": _OPTIONS,
    "checkboxes": _OPTIONS,
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
    """An element that keeps an answer, in its block."""

    block: JsonObject
    element: JsonObject
    state_keys: StateKeys

    @property
    def block_id(self) -> str:
        """The block's id: errors are told by it."""
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        """The element's id within its block."""
        return str(self.element["action_id"])

    def get_value(self, values: object) -> Any:
        """What `values`, in the shape of `view.state.values`, holds for this element."""
        held = values.get(self.block_id) if isinstance(values, Mapping) else None
        entry = held.get(self.action_id) if isinstance(held, Mapping) else None
        return entry.get(self.state_keys.state_key) if isinstance(entry, Mapping) else None


def find_stateful_elements(blocks: object) -> Iterator[StatefulElement]:
    """The elements that keep an answer and have their ids, in order."""
    for _, block in enumerate_objects(blocks):
        for _, element in iter_interactive_elements(block):
            keeping = STATE_KEYS_BY_TYPE.get(element["type"])
            if keeping and "block_id" in block and "action_id" in element:
                yield StatefulElement(block, element, keeping)


def build_initial_state(blocks: list[Any]) -> dict[str, dict[str, JsonObject]]:
    """What `view.state.values` holds right after opening `blocks`, whose ids are given (see `with_ids`)."""
    state: dict[str, dict[str, JsonObject]] = {}
    for field in find_stateful_elements(blocks):
        opening = {
            "type": field.element["type"],
            field.state_keys.state_key: field.state_keys.get_initial_value(field.element),
        }
        state.setdefault(field.block_id, {})[field.action_id] = opening
    return state
