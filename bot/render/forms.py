"""The modals: a new warehouse, and a change of one. Each view carries all that is needed to read it back."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from bot.domain.changes.change import WarehouseSnapshot
from bot.domain.errors import BotError
from bot.domain.warehouses import FrozenModel, Space, Warehouse, WarehouseType
from bot.render.block_ids import ERROR_PREFIX, NOTE_PREFIX
from bot.render.blocks import (
    Block,
    Choice,
    actions,
    button,
    context,
    input_field,
    option,
    plain_text,
    read_blocks,
    section,
    select,
    text_input,
)
from bot.render.mrkdwn import code, escape
from bot.render.phrases import format_error
from bot.render.secret_fields import SecretInputOptions
from bot.render.setting_fields import render_settings_fields

View = Mapping[str, object]

CREATE_FORM, UPDATE_FORM = "create", "update"


#: The one option of the sync switch, and the element it is in.
_ON = Choice("Sync is on", "on")


class FormContext(FrozenModel):
    """Where a form was opened: the channel its card goes to, and Slack's address for answering that person alone.

    `seen` has what inputs showed at first, by block id, where the form shows what was typed since. `follows` is the
    deletion that the form makes anew, if it does.
    """

    channel: str
    hook: str | None = None
    target: WarehouseSnapshot | None = None
    seen: Mapping[str, str] = Field(default_factory=dict)
    follows: str = ""


def render_loading_modal(title: str) -> View:
    """What a form shows while it is being filled."""
    return {"type": "modal", "title": plain_text(title, 24), "blocks": [section("⏳ Asking Segment…")]}


def render_notice_modal(title: str, text: str) -> View:
    """A modal that only says something. `text` is mrkdwn."""
    return {
        "type": "modal",
        "title": plain_text(title, 24),
        "close": plain_text("Close", 24),
        "blocks": [section(text)],
    }


def render_error_modal(title: str, error: BotError) -> View:
    """A modal that tells what went wrong."""
    return render_notice_modal(title, format_error(error))


def render_create_form(
    spaces: Sequence[Space],
    types: Sequence[WarehouseType],
    origin: FormContext,
    chosen: Space | None,
    kind: WarehouseType | None = None,
) -> View:
    """The form for a new warehouse, before its settings are there; `kind` is the type chosen beforehand."""
    places = [Choice(space.slug, space.id, space.name if space.name != space.slug else "") for space in spaces]
    kinds = [Choice(kind.name, kind.metadata_id) for kind in types]
    preset = kind.metadata_id if kind else None
    one = chosen or (spaces[0] if len(spaces) == 1 else None)
    return _form(
        CREATE_FORM,
        "New warehouse",
        "Create",
        origin,
        [
            input_field("space", "Space", select("value", "Choose a space", places, one.id if one else None)),
            input_field(
                "type",
                "Type",
                select("type", "Choose a type", kinds, preset),
                dispatch_action=True,
            ),
            context("Its settings appear once a type is chosen.", "choose"),
        ],
    )


def add_type_fields(
    view: View,
    kind: WarehouseType,
    ways: SecretInputOptions,
    *,
    template: WarehouseSnapshot | None = None,
    has_reason_field: bool = False,
) -> View:
    """The form for a new warehouse with the settings of `kind`. `ways` are those for secrets.

    It is filled with what is known of `like`, and with `why` asks for a reason.
    """
    kept = [block for block in read_blocks(view) if block.get("block_id") in {"space", "type"}]
    called = template.name if template else ""
    name = input_field("name", "Name", text_input("value", called), hint="What people call it. Up to 255 characters.")
    schema = input_field(
        "schema",
        "Schema name",
        text_input("value", (template.schema_name if template else None) or ""),
        optional=True,
        hint="Must not exist in the warehouse yet. Left empty, Segment takes the space's slug.",
    )
    settings = render_settings_fields(kind, template.settings if template else {}, ways, is_new=True)
    blocks = [
        *kept,
        name,
        *settings,
        schema,
        _switch(on=template.enabled if template else True),
        *_reason(why=has_reason_field),
        *_test(),
    ]
    return _again(view, blocks)


def render_update_form(
    warehouse: Warehouse, origin: FormContext, ways: SecretInputOptions, *, has_reason_field: bool = False
) -> View:
    """The form of `warehouse`, filled with what is known of it; secrets stay as they are unless given anew.

    `ways` are those for secrets. With `why` it asks for a reason.
    """
    target = WarehouseSnapshot.of(warehouse)
    facts = f"{escape(warehouse.type.name)} in {code(warehouse.space.slug)} · {code(warehouse.id)}"
    schema = input_field(
        "schema",
        "Schema name",
        text_input("value", warehouse.schema_name or ""),
        optional=True,
        hint="Segment's own app does not let this change.",
    )
    blocks = [
        context(facts, "facts"),
        input_field("name", "Name", text_input("value", warehouse.name)),
        *render_settings_fields(warehouse.type, warehouse.settings, ways, is_new=False),
        schema,
        _switch(on=warehouse.enabled),
        *_reason(why=has_reason_field),
        *_test(),
    ]
    # What may be shown of the settings is in the fields; here it would only be a second copy.
    kept = origin.model_copy(update={"target": target.model_copy(update={"settings": {}})})
    return _form(UPDATE_FORM, "Update warehouse", "Save", kept, blocks)


def add_note(view: View, text: str, errors: Mapping[str, str] | None = None, *, on_top: bool = False) -> View:
    """The same form with a remark at its end, and errors under the inputs they name by `block_id`.

    What is typed stays. A form is not scrolled when it changes, so a remark that must be seen from anywhere is repeated
    `on_top`.
    """
    blocks: list[Block] = []
    for block in read_blocks(view):
        name = str(block.get("block_id", ""))
        if name.startswith((NOTE_PREFIX, ERROR_PREFIX)):
            continue
        blocks.append(block)
        if errors and name in errors:
            blocks.append(context(f"⚠️ {escape(errors[name])}", f"{ERROR_PREFIX}{name}"[:255]))
    top = [section(text, block_id=f"{NOTE_PREFIX}top")] if text and on_top else []
    end = [section(text, block_id=f"{NOTE_PREFIX}end")] if text else []
    return _again(view, [*top, *blocks, *end])


def replace_blocks(view: View, blocks: Sequence[Block]) -> View:
    """The form `view` as Slack sent it, with other blocks in it. What is typed stays."""
    return _again(view, blocks)


def has_notes(view: View) -> bool:
    """Whether the form still shows remarks or errors of an earlier try, which `with_note` replaces."""
    return any(str(block.get("block_id", "")).startswith((NOTE_PREFIX, ERROR_PREFIX)) for block in read_blocks(view))


def refill_form(view: View, typed: Mapping[str, str], initial: Mapping[str, str]) -> View:
    """The same form with what was typed in it, for showing it again after something else was shown.

    What its inputs showed at first, `initial`, still tells later what was changed.
    """
    seen = {name: text for name, text in initial.items() if text != typed.get(name, "")}
    kept = read_form_context(view).model_copy(update={"seen": {**seen, **read_form_context(view).seen}})
    again = _again(view, [_refilled(block, typed) for block in read_blocks(view)])
    return {**again, "private_metadata": kept.model_dump_json(exclude_none=True)}


def _refilled(block: Block, typed: Mapping[str, str]) -> Block:
    element, value = block.get("element"), typed.get(str(block.get("block_id", "")), "")
    if block.get("type") != "input" or not isinstance(element, Mapping):
        return block
    empty = {key: part for key, part in element.items() if not key.startswith("initial_")}
    return {**block, "element": {**empty, **_initial(element, value)}}


def _initial(element: Block, value: str) -> Block:
    if element.get("type") == "plain_text_input":
        return {"initial_value": value} if value else {}
    chosen = [each for each in _options(element) if each.get("value") == value]
    if element.get("type") == "checkboxes":
        return {"initial_options": chosen} if chosen else {}
    return {"initial_option": chosen[0]} if chosen else {}


def _options(element: Block) -> Sequence[Block]:
    groups = element.get("option_groups")
    holders = [element, *(groups if isinstance(groups, list) else [])]
    return [each for holder in holders for each in holder.get("options") or []]


def read_form_context(view: View) -> FormContext:
    """Where the form `view` was opened."""
    return FormContext.model_validate_json(str(view.get("private_metadata") or "{}"))


def _form(kind: str, title: str, submit: str, origin: FormContext, blocks: Sequence[Block]) -> View:
    return {
        "type": "modal",
        "callback_id": f"form:{kind}",
        "title": plain_text(title, 24),
        "submit": plain_text(submit, 24),
        "close": plain_text("Cancel", 24),
        "private_metadata": origin.model_dump_json(exclude_none=True),
        "blocks": blocks,
    }


def _again(view: View, blocks: Sequence[Block]) -> View:
    kept = ("type", "callback_id", "title", "submit", "close", "private_metadata")
    return {key: view[key] for key in kept if view.get(key)} | {"blocks": list(blocks)[:100]}


def _switch(*, on: bool) -> Block:
    element: dict[str, object] = {"type": "checkboxes", "action_id": "value", "options": [option(_ON)]}
    if on:
        element["initial_options"] = [option(_ON)]
    return input_field("enabled", "Sync", element, optional=True)


def _reason(*, why: bool) -> Sequence[Block]:
    hint = "Its approvers read this. Needed for what takes an approval."
    return [input_field("reason", "Why", text_input("value", multiline=True), optional=True, hint=hint)] if why else []


def _test() -> Sequence[Block]:
    return [actions(button("Test connection", "form:test", "test"), block_id="test")]
