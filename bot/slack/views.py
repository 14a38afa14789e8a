"""Check that the views in Slack's payloads have every field that the bot reads.

Without this check, a submitted form with a missing field would look as if the person had emptied that field.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from bot.domain.errors import PayloadIncomplete
from bot.render.dialogs import read_dialog_context
from bot.render.forms import View, read_form_context

#: A text that must not be empty, such as an id.
NonEmptyText = Annotated[str, Field(min_length=1)]


class PayloadPart(BaseModel):
    """A part of a payload. Types are not converted, and fields that the bot does not read are ignored."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class TextObject(PayloadPart):
    """A text object."""

    type: NonEmptyText
    text: str


class Option(PayloadPart):
    """An option of a menu."""

    text: TextObject
    value: str
    description: TextObject | None = None


class _OptionGroup(PayloadPart):
    options: list[Option]


class _Element(PayloadPart):
    type: NonEmptyText
    action_id: NonEmptyText
    options: list[Option] | None = None
    option_groups: list[_OptionGroup] | None = None
    initial_value: str | None = None
    initial_option: Option | None = None
    initial_options: list[Option] | None = None


class _Block(PayloadPart):
    type: NonEmptyText
    block_id: NonEmptyText


class _InputBlock(_Block):
    label: TextObject
    element: _Element


class _Answer(PayloadPart):
    type: NonEmptyText
    value: str | None = None
    selected_option: Option | None = None
    selected_options: list[Option] = Field(default_factory=list)


class _State(PayloadPart):
    values: dict[str, dict[str, _Answer]]


class _View(PayloadPart):
    id: NonEmptyText
    hash: NonEmptyText | None = None
    blocks: list[dict[str, JsonValue]]


class _Modal(_View):
    callback_id: NonEmptyText
    title: TextObject
    submit: TextObject | None = None
    close: TextObject | None = None
    state: _State


PartType = TypeVar("PartType", bound=PayloadPart)

#: The key of the answer, by the type of the element. Slack sends it for every input; it is null or empty without an
#: answer.
_ANSWER_KEYS = {"plain_text_input": "value", "static_select": "selected_option", "checkboxes": "selected_options"}


def check_view(view: View) -> None:
    """Check that `view`, as Slack sent it, has every field that the bot reads.

    Raises:
        PayloadIncomplete: a field is missing or has the wrong type. The error names it.
    """
    if view.get("type") == "home":
        parse_part(_View, view, "view")
        return
    if view.get("type") != "modal":
        raise PayloadIncomplete("view.type")
    modal = parse_part(_Modal, view, "view")
    for block in _parse_inputs(modal.blocks):
        _check_answer(block, modal.state)
    _check_metadata(modal.callback_id, view)


def parse_part(part_type: type[PartType], part: object, path: str = "") -> PartType:
    """Parse `part`, which stands at `path` in its payload.

    Raises:
        PayloadIncomplete: a field is missing or has the wrong type. The error names the first one.
    """
    try:
        return part_type.model_validate(part)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise PayloadIncomplete(".".join(filter(None, [path, *map(str, problem["loc"])]))) from None


def _parse_inputs(blocks: list[dict[str, JsonValue]]) -> Iterator[_InputBlock]:
    for index, block in enumerate(blocks):
        path = f"view.blocks.{index}"
        if parse_part(_Block, block, path).type == "input":
            yield parse_part(_InputBlock, block, path)


def _check_answer(block: _InputBlock, state: _State) -> None:
    element = block.element
    answer = state.values.get(block.block_id, {}).get(element.action_id)
    key = _ANSWER_KEYS.get(element.type)
    if answer is None or key is None or answer.type != element.type or key not in answer.model_fields_set:
        raise PayloadIncomplete(f"view.state.values.{block.block_id}.{element.action_id}")


def _check_metadata(callback_id: str, view: View) -> None:
    readers: Mapping[str, object] = {"form": read_form_context, "dialog": read_dialog_context}
    read = readers.get(callback_id.partition(":")[0])
    try:
        if callable(read):
            read(view)
    except ValidationError:
        raise PayloadIncomplete("view.private_metadata") from None
