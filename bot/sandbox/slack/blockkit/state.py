"""What `view.state.values` holds: the answer that each element keeps, and where."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from bot.sandbox.slack.blockkit.specs import Json
from bot.sandbox.slack.blockkit.traversal import elements_of, objects


class Keeping(NamedTuple):
    """How an element keeps its answer: under which key, and which key of the element it starts from."""

    key: str
    initial: str
    many: bool = False

    def opening(self, element: Json) -> Any:
        """The answer before anyone touched the element."""
        held = element.get(self.initial)
        return deepcopy([] if self.many and held is None else held)


_TYPED = Keeping("value", "initial_value")
_OPTION = Keeping("selected_option", "initial_option")
_OPTIONS = Keeping("selected_options", "initial_options", many=True)

#: The elements that keep an answer. Buttons and overflow menus only tell of a click.
STATEFUL: dict[str, Keeping] = {
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
    "users_select": Keeping("selected_user", "initial_user"),
    "multi_users_select": Keeping("selected_users", "initial_users", many=True),
    "conversations_select": Keeping("selected_conversation", "initial_conversation"),
    "multi_conversations_select": Keeping("selected_conversations", "initial_conversations", many=True),
    "multi_channels_select": Keeping("selected_channels", "initial_channels", many=True),
    "channels_select": Keeping("selected_channel", "initial_channel"),
    "datepicker": Keeping("selected_date", "initial_date"),
    "timepicker": Keeping("selected_time", "initial_time"),
    "datetimepicker": Keeping("selected_date_time", "initial_date_time"),
}


class Field(NamedTuple):
    """An element that keeps an answer, in its block."""

    block: Json
    element: Json
    keeping: Keeping

    @property
    def block_id(self) -> str:
        """The block's id: errors are told by it."""
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        """The element's id within its block."""
        return str(self.element["action_id"])

    def answer(self, values: object) -> Any:
        """What `values`, in the shape of `view.state.values`, holds for this element."""
        held = values.get(self.block_id) if isinstance(values, Mapping) else None
        entry = held.get(self.action_id) if isinstance(held, Mapping) else None
        return entry.get(self.keeping.key) if isinstance(entry, Mapping) else None


def fields_of(blocks: object) -> Iterator[Field]:
    """The elements that keep an answer and have their ids, in order."""
    for _, block in objects(blocks):
        for _, element in elements_of(block):
            keeping = STATEFUL.get(element["type"])
            if keeping and "block_id" in block and "action_id" in element:
                yield Field(block, element, keeping)


def initial_state(blocks: list[Any]) -> dict[str, dict[str, Json]]:
    """What `view.state.values` holds right after opening `blocks`, whose ids are given (see `with_ids`)."""
    state: dict[str, dict[str, Json]] = {}
    for field in fields_of(blocks):
        opening = {"type": field.element["type"], field.keeping.key: field.keeping.opening(field.element)}
        state.setdefault(field.block_id, {})[field.action_id] = opening
    return state
