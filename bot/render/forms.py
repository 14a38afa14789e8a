"""The forms for creating and updating a warehouse. Each view contains everything that is needed to read it back."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from bot.domain.changes.change import WarehouseSnapshot
from bot.domain.errors import BotError
from bot.domain.frozen_model import FrozenModel
from bot.domain.warehouses import Space, Warehouse, WarehouseType
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


#: The only option of the sync switch.
_ON = Choice("Sync is on", "on")


class FormContext(FrozenModel):
    """Where a form was opened: `channel` gets the card, and `hook` is Slack's address for private responses.

    `seen` has the initial values of inputs by block id, for a form that was filled again with what was typed.
    `follows` is the id of the deletion whose warehouse the form recreates, if any.
    """

    channel: str
    hook: str | None = None
    target: WarehouseSnapshot | None = None
    seen: Mapping[str, str] = Field(default_factory=dict)
    follows: str = ""


def render_loading_modal(title: str) -> View:
    """Return the modal that is shown while a form is prepared."""
    return {"type": "modal", "title": plain_text(title, 24), "blocks": [section("⏳ Asking Segment…")]}


def render_notice_modal(title: str, text: str) -> View:
    """Return a modal with a text (mrkdwn) and no inputs."""
    return {
        "type": "modal",
        "title": plain_text(title, 24),
        "close": plain_text("Close", 24),
        "blocks": [section(text)],
    }


def render_error_modal(title: str, error: BotError) -> View:
    """Return a modal that explains `error`."""
    return render_notice_modal(title, format_error(error))


def render_create_form(
    spaces: Sequence[Space],
    types: Sequence[WarehouseType],
    origin: FormContext,
    chosen: Space | None,
    kind: WarehouseType | None = None,
) -> View:
    """Return the form for a new warehouse without its settings; `kind` is the preselected type."""
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
    """Return the form for a new warehouse with the settings of `kind`; `ways` are the ways to enter secrets.

    It is filled from `template`. With `has_reason_field` it asks for a reason.
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
        _sync_switch(on=template.enabled if template else True),
        *_reason_field(why=has_reason_field),
        *_test_button(),
    ]
    return _rebuild(view, blocks)


def render_update_form(
    warehouse: Warehouse, origin: FormContext, ways: SecretInputOptions, *, has_reason_field: bool = False
) -> View:
    """Return the form of `warehouse`, filled with its settings; secrets stay unchanged unless new ones are entered.

    `ways` are the ways to enter secrets. With `has_reason_field` it asks for a reason.
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
        _sync_switch(on=warehouse.enabled),
        *_reason_field(why=has_reason_field),
        *_test_button(),
    ]
    # The visible settings are in the fields already.
    kept = origin.model_copy(update={"target": target.model_copy(update={"settings": {}})})
    return _form(UPDATE_FORM, "Update warehouse", "Save", kept, blocks)


def add_note(view: View, text: str, errors: Mapping[str, str] | None = None, *, on_top: bool = False) -> View:
    """Return the form with a note at its end, and `errors` (by `block_id`) below their inputs.

    Typed values stay. Slack does not scroll a form when it changes, so `on_top` repeats a note that must be seen.
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
    return _rebuild(view, [*top, *blocks, *end])


def replace_blocks(view: View, blocks: Sequence[Block]) -> View:
    """Return the form `view`, as Slack sent it, with other blocks. Typed values stay."""
    return _rebuild(view, blocks)


def has_notes(view: View) -> bool:
    """Whether the form shows notes or errors of an earlier attempt, which `add_note` replaces."""
    return any(str(block.get("block_id", "")).startswith((NOTE_PREFIX, ERROR_PREFIX)) for block in read_blocks(view))


def refill_form(view: View, typed: Mapping[str, str], initial: Mapping[str, str]) -> View:
    """Return the form filled with what was typed, for showing it again after another view.

    It keeps the `initial` values of its inputs, from which changes are recognised later.
    """
    seen = {name: text for name, text in initial.items() if text != typed.get(name, "")}
    kept = read_form_context(view).model_copy(update={"seen": {**seen, **read_form_context(view).seen}})
    again = _rebuild(view, [_refill_block(block, typed) for block in read_blocks(view)])
    return {**again, "private_metadata": kept.model_dump_json(exclude_none=True)}


def _refill_block(block: Block, typed: Mapping[str, str]) -> Block:
    element, value = block.get("element"), typed.get(str(block.get("block_id", "")), "")
    if block.get("type") != "input" or not isinstance(element, Mapping):
        return block
    empty = {key: part for key, part in element.items() if not key.startswith("initial_")}
    return {**block, "element": {**empty, **_build_initial_value(element, value)}}


def _build_initial_value(element: Block, value: str) -> Block:
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
    """Return where the form `view` was opened."""
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


def _rebuild(view: View, blocks: Sequence[Block]) -> View:
    kept = ("type", "callback_id", "title", "submit", "close", "private_metadata")
    return {key: view[key] for key in kept if view.get(key)} | {"blocks": list(blocks)[:100]}


def _sync_switch(*, on: bool) -> Block:
    element: dict[str, object] = {"type": "checkboxes", "action_id": "value", "options": [option(_ON)]}
    if on:
        element["initial_options"] = [option(_ON)]
    return input_field("enabled", "Sync", element, optional=True)


def _reason_field(*, why: bool) -> Sequence[Block]:
    hint = "Its approvers read this. Needed for what takes an approval."
    return [input_field("reason", "Why", text_input("value", multiline=True), optional=True, hint=hint)] if why else []


def _test_button() -> Sequence[Block]:
    return [actions(button("Test connection", "form:test", "test"), block_id="test")]
