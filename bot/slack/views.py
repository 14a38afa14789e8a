"""The views in Slack's payloads: everything that is read of them is there, and of the kind that Slack sends.

A submitted form in which a field is missing would otherwise be read as one in which the person emptied that field.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from bot.domain.errors import PayloadIncomplete
from bot.render.dialogs import read_dialog_context
from bot.render.forms import View, read_form_context

#: A text that has to say something, such as an id.
NonEmptyText = Annotated[str, Field(min_length=1)]


class PayloadPart(BaseModel):
    """A part of a payload. Kinds are not converted; what the bot does not read may be anything."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class TextObject(PayloadPart):
    """A text object."""

    type: NonEmptyText
    text: str


class Option(PayloadPart):
    """One choice of a menu."""

    text: TextObject
    value: str
    description: TextObject | None = None


class _Options(PayloadPart):
    options: list[Option]


class _Element(PayloadPart):
    type: NonEmptyText
    action_id: NonEmptyText
    options: list[Option] | None = None
    option_groups: list[_Options] | None = None
    initial_value: str | None = None
    initial_option: Option | None = None
    initial_options: list[Option] | None = None


class _Block(PayloadPart):
    type: NonEmptyText
    block_id: NonEmptyText


class _Input(_Block):
    label: TextObject
    element: _Element


class _Answer(PayloadPart):
    type: NonEmptyText
    value: str | None = None
    selected_option: Option | None = None
    selected_options: list[Option] = Field(default_factory=list)


class _State(PayloadPart):
    values: dict[str, dict[str, _Answer]]


class _Shown(PayloadPart):
    id: NonEmptyText
    hash: NonEmptyText | None = None
    blocks: list[dict[str, JsonValue]]


class _Modal(_Shown):
    callback_id: NonEmptyText
    title: TextObject
    submit: TextObject | None = None
    close: TextObject | None = None
    state: _State


PartType = TypeVar("PartType", bound=PayloadPart)

#: Where the answer to each kind of element stands. Slack sends one for every input: null or empty where there is none.
_KEYS = {"plain_text_input": "value", "static_select": "selected_option", "checkboxes": "selected_options"}


def check_view(view: View) -> None:
    """Make sure that `view`, as Slack sent it, has all that is read of it.

    Raises:
        PayloadIncomplete: it has not. Names the field.
    """
    if view.get("type") == "home":
        parse_part(_Shown, view, "view")
        return
    if view.get("type") != "modal":
        raise PayloadIncomplete("view.type")
    modal = parse_part(_Modal, view, "view")
    for each in _inputs(modal.blocks):
        _check_answer(each, modal.state)
    _check_metadata(modal.callback_id, view)


def parse_part(kind: type[PartType], part: object, where: str = "") -> PartType:
    """`part` of a payload, found at the path `where`, as a value.

    Raises:
        PayloadIncomplete: something is missing or odd. Names the first such field.
    """
    try:
        return kind.model_validate(part)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise PayloadIncomplete(".".join(filter(None, [where, *map(str, found["loc"])]))) from None


def _inputs(blocks: list[dict[str, JsonValue]]) -> Iterator[_Input]:
    for at, block in enumerate(blocks):
        where = f"view.blocks.{at}"
        if parse_part(_Block, block, where).type == "input":
            yield parse_part(_Input, block, where)


def _check_answer(field: _Input, state: _State) -> None:
    where = f"view.state.values.{field.block_id}.{field.element.action_id}"
    answer = state.values.get(field.block_id, {}).get(field.element.action_id)
    key = _KEYS.get(field.element.type)
    if answer is None or key is None or answer.type != field.element.type or key not in answer.model_fields_set:
        raise PayloadIncomplete(where)


def _check_metadata(callback_id: str, view: View) -> None:
    read: Mapping[str, object] = {"form": read_form_context, "dialog": read_dialog_context}
    reader = read.get(callback_id.partition(":")[0])
    try:
        if callable(reader):
            reader(view)
    except ValidationError:
        raise PayloadIncomplete("view.private_metadata") from None
