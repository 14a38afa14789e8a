"""A form's inputs for settings: one field each, secret fields, and an editor for keys that are guesses."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from bot.domain.redaction.settings import can_show, format_scalar
from bot.domain.warehouses import Setting, WarehouseType
from bot.render.block_ids import setting_block_id
from bot.render.blocks import MAX_INPUT_LENGTH, Block, input_field, section, text_input
from bot.render.mrkdwn import escape
from bot.render.secret_fields import SecretInputOptions, field_label, render_guessed_secret_fields, render_secret_fields
from bot.render.settings_editor import render_editor, render_guessed_keys_note


def render_settings_fields(
    kind: WarehouseType, known: Mapping[str, JsonValue], ways: SecretInputOptions, *, is_new: bool
) -> Sequence[Block]:
    """Return the inputs for the settings of `kind`, filled with those of `known` that may be shown.

    `ways` are the ways to enter secrets. `is_new` is for a warehouse that does not exist yet.
    """
    blocks: list[Block] = []
    for setting in kind.settings:
        if not has_own_field(setting):
            continue
        if setting.is_secret:
            blocks.extend(render_secret_fields(kind, setting, ways, is_new=is_new))
        else:
            blocks.append(_render_plain_setting(kind, setting, known, new=is_new))
    guessed = [each for each in kind.settings if each.is_writable and each.is_secret and each.name_is_guess]
    lines = render_editor(kind, known, is_new=is_new)
    return [
        *blocks,
        *([render_guessed_keys_note(kind)] if lines else []),
        *render_guessed_secret_fields(kind, guessed, ways, is_new=is_new),
        *lines,
    ]


def has_own_field(setting: Setting) -> bool:
    """Whether a setting has a separate field: it is writable and its key is known."""
    return setting.is_writable and not setting.name_is_guess


def _render_plain_setting(kind: WarehouseType, setting: Setting, known: Mapping[str, JsonValue], *, new: bool) -> Block:
    value = known.get(setting.name)
    initial = format_scalar(value) if can_show(setting, value) else ""
    if len(initial) > MAX_INPUT_LENGTH:
        stays = f"its {len(initial)} characters don't fit into a form, so it stays as it is."
        return section(f"*{escape(field_label(setting))}*: {stays}", block_id=f"long:{setting.name}")
    hidden = bool(format_scalar(value)) and not initial
    return input_field(
        setting_block_id(kind, setting.name),
        field_label(setting),
        text_input("value", initial or (setting.default or "" if new else "")),
        optional=hidden or not setting.is_required,
        hint="It looks like a secret, so it is not shown. Left empty, it stays as it is." if hidden and not new else "",
    )
