"""The inputs for a warehouse type's settings: a field each, secrets by name, and an editor where keys are guesses."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from bot.domain.redaction import may_show, plain
from bot.domain.warehouses import Setting, WarehouseType
from bot.render.blocks import Block, Choice, context, field, section, select, text_input
from bot.render.mrkdwn import escape

#: Characters that an input of Slack's holds.
_INPUT = 3000

_GUESSED = (
    "Nobody outside Segment knows how it spells the settings below, so these names are our guess from its own form. "
    "Correct them where Segment refuses them."
)
_UNKNOWN_TYPE = (
    "This type is new to the bot: it does not know its settings. Segment's own form shows what it wants. "
    "What is typed here stands on the card of a change, so name secrets instead of typing them."
)
_EDITOR_HINT = "One a line, as key = value. A secret is named, never typed: key = secret:NAME."


def settings_fields(
    kind: WarehouseType, known: Mapping[str, JsonValue], secrets: Sequence[str], *, new: bool
) -> Sequence[Block]:
    """An input for each setting of `kind`, filled with what of `known` may be shown.

    `secrets` are the names to choose from. With `new` it is for a warehouse that does not exist yet.
    """
    blocks: list[Block] = []
    for setting in kind.settings:
        if not in_form(setting):
            continue
        if setting.secret:
            blocks.append(_secret(kind, setting, secrets, new=new))
        else:
            blocks.append(_plain(kind, setting, known, new=new))
    return [*blocks, *_editor(kind, known, new=new)]


def in_form(setting: Setting) -> bool:
    """Whether a setting has a field of its own: one that is written, whose name is known from the wire."""
    return setting.written and not setting.name_is_guess


def _plain(kind: WarehouseType, setting: Setting, known: Mapping[str, JsonValue], *, new: bool) -> Block:
    value = known.get(setting.name)
    initial = plain(value) if may_show(setting, value) else ""
    if len(initial) > _INPUT:
        stays = f"its {len(initial)} characters don't fit into a form, so it stays as it is."
        return section(f"*{escape(setting.label or setting.name)}*: {stays}", block_id=f"long:{setting.name}")
    hidden = bool(plain(value)) and not initial
    return field(
        f"set:{kind.metadata_id}:{setting.name}",
        setting.label or setting.name,
        text_input("value", initial or (setting.default or "" if new else "")),
        optional=hidden or not setting.required,
        hint="It looks like a secret, so it is not shown. Left empty, it stays as it is." if hidden and not new else "",
    )


def _secret(kind: WarehouseType, setting: Setting, secrets: Sequence[str], *, new: bool) -> Block:
    label = setting.label or setting.name
    choices = [Choice(name, name) for name in secrets if len(name) <= 75]
    if not choices:
        return section(
            f"*{escape(label)}*: there is no secret that you may use. Whoever runs the bot sets them, such as "
            "`WAREHOUSE_SECRET_<NAME>` in its environment, and `policy.toml` says who may use which.",
            block_id=f"secret:{kind.metadata_id}:{setting.name}",
        )
    return field(
        f"secret:{kind.metadata_id}:{setting.name}",
        label,
        select("value", "Choose a secret by its name" if new else "Unchanged", choices),
        optional=not (new and setting.required),
        hint="Secrets never pass through Slack: this is the name of one that the bot holds.",
    )


def _editor(kind: WarehouseType, known: Mapping[str, JsonValue], *, new: bool) -> Sequence[Block]:
    guesses = [setting for setting in kind.settings if setting.written and setting.name_is_guess]
    if kind.known and not guesses:
        return []
    remark = context(_GUESSED if kind.known else _UNKNOWN_TYPE, "guessed")
    lines = [_editor_line(setting, known, new=new) for setting in guesses if setting.required or not new]
    fitting = _fitting(lines)
    hint = _EDITOR_HINT if new else f"{_EDITOR_HINT} A line taken out leaves that setting as it is."
    if missing := len(lines) - len(fitting):
        hint = f"{hint} {missing} more did not fit here and stay as they are."
    element = text_input("value", "\n".join(fitting), multiline=True, placeholder="key = value")
    return [remark, field(f"more:{kind.metadata_id}", "Other settings", element, optional=True, hint=hint)]


def _fitting(lines: Sequence[str]) -> Sequence[str]:
    kept: list[str] = []
    for line in sorted(lines, key=len):
        if sum(map(len, kept)) + len(kept) + len(line) <= _INPUT:
            kept.append(line)
    return [line for line in lines if line in kept]


def _editor_line(setting: Setting, known: Mapping[str, JsonValue], *, new: bool) -> str:
    if setting.secret:
        return f"{setting.name} = secret:"
    value = known.get(setting.name)
    shown = plain(value) if may_show(setting, value) else ""
    return f"{setting.name} = {shown or (setting.default or '' if new else '')}"
