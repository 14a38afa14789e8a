"""The inputs for a warehouse type's settings: a field each, secrets by name, and an editor where keys are guesses."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from bot.domain.redaction.settings import may_show, plain
from bot.domain.warehouses import Setting, WarehouseType
from bot.render.blocks import Block, field, section, text_input
from bot.render.mrkdwn import escape
from bot.render.secret_fields import Ways, guessed_secret_fields, label_of, secret_fields
from bot.render.settings_editor import editor, remark

#: Characters that an input of Slack's holds.
_INPUT = 3000


def settings_fields(kind: WarehouseType, known: Mapping[str, JsonValue], ways: Ways, *, new: bool) -> Sequence[Block]:
    """An input for each setting of `kind`, filled with what of `known` may be shown.

    `ways` are those for secrets. With `new` it is for a warehouse that does not exist yet.
    """
    blocks: list[Block] = []
    for setting in kind.settings:
        if not in_form(setting):
            continue
        if setting.secret:
            blocks.extend(secret_fields(kind, setting, ways, new=new))
        else:
            blocks.append(_plain(kind, setting, known, new=new))
    guessed = [each for each in kind.settings if each.written and each.secret and each.name_is_guess]
    lines = editor(kind, known, new=new)
    return [*blocks, *([remark(kind)] if lines else []), *guessed_secret_fields(kind, guessed, ways, new=new), *lines]


def in_form(setting: Setting) -> bool:
    """Whether a setting has a field of its own: one that is written, whose name is known from the wire."""
    return setting.written and not setting.name_is_guess


def _plain(kind: WarehouseType, setting: Setting, known: Mapping[str, JsonValue], *, new: bool) -> Block:
    value = known.get(setting.name)
    initial = plain(value) if may_show(setting, value) else ""
    if len(initial) > _INPUT:
        stays = f"its {len(initial)} characters don't fit into a form, so it stays as it is."
        return section(f"*{escape(label_of(setting))}*: {stays}", block_id=f"long:{setting.name}")
    hidden = bool(plain(value)) and not initial
    return field(
        f"set:{kind.metadata_id}:{setting.name}",
        label_of(setting),
        text_input("value", initial or (setting.default or "" if new else "")),
        optional=hidden or not setting.required,
        hint="It looks like a secret, so it is not shown. Left empty, it stays as it is." if hidden and not new else "",
    )
