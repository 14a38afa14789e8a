"""A form's fields for secrets: chosen by name, entered on a one-time page, or typed, if allowed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.domain.warehouses import Setting, WarehouseType
from bot.render.block_ids import (
    LINK_PREFIX,
    RECEIVED_PREFIX,
    secret_block_id,
    secret_links_block_id,
    typed_secret_block_id,
)
from bot.render.blocks import Block, Choice, actions, button, input_field, read_blocks, section, select, text_input
from bot.render.mrkdwn import code, escape, format_time

#: Prefix of the action ids of buttons for a one-time page; the setting's key follows.
SECRET_LINK_ACTION_PREFIX = "form:once:"  # noqa: S105 - no secret

#: Maximum characters of an option's value and label (docs.slack.dev, reference/block-kit/composition-objects).
_VALUE, _LABEL = 150, 75

_NEVER_TYPED = "Secrets never pass through Slack: this is the name of one that the bot holds."
_TYPED = "Slack keeps what you type here, and shows it to whoever sees your screen. The other ways are safer."


class SecretInputOptions(NamedTuple):
    """How the person who has the form open may enter a secret.

    `names` are the secrets to choose from. `can_type_secrets` allows typing secrets into Slack.
    """

    names: Sequence[str] = ()
    has_secret_page: bool = False
    can_type_secrets: bool = False


def field_label(setting: Setting) -> str:
    """Return the label of the field for `setting`."""
    return setting.label or setting.name


def render_secret_fields(
    kind: WarehouseType, setting: Setting, ways: SecretInputOptions, *, is_new: bool
) -> Sequence[Block]:
    """Return the inputs for one secret setting whose key is known."""
    blocks = [
        *_secret_menu(kind, setting, ways, new=is_new),
        *([_typed_field(kind, setting)] if ways.can_type_secrets else []),
        *([_link_buttons(kind, [setting], setting.name)] if ways.has_secret_page else []),
    ]
    return blocks or [_render_unavailable(kind, setting)]


def render_guessed_secret_fields(
    kind: WarehouseType, settings: Sequence[Setting], ways: SecretInputOptions, *, is_new: bool
) -> Sequence[Block]:
    """Return the inputs, all optional, for secret settings whose keys are guesses."""
    chosen = [block for setting in settings for block in _secret_menu(kind, setting, ways, new=is_new, guess=True)]
    typing = [_typed_field(kind, setting) for setting in settings] if ways.can_type_secrets else []
    # Slack allows 25 controls in a row.
    blocks = [
        *chosen,
        *typing,
        *([_link_buttons(kind, settings[:25], "")] if ways.has_secret_page and settings else []),
    ]
    return blocks or [_render_unavailable(kind, setting) for setting in settings if setting.is_required]


def add_secret_link(view: Mapping[str, object], key: str, label: str, url: str, until: datetime) -> list[Block]:
    """Return the blocks of `view` with the page's address below the button that requested it."""
    opening = {**button("Open the page", "form:page", key, style="primary"), "url": url}
    text = f"*{escape(label)}*: its page works once, until {format_time(until)}, and shows nothing of what is entered."
    return _place_below_button(view, key, section(text, opening, f"{LINK_PREFIX}{key}"))


def mark_received(view: Mapping[str, object], labels: Mapping[str, str]) -> list[Block]:
    """Return the blocks of `view` with a note for each key in `labels` that its value was received."""
    blocks = read_blocks(view)
    for key, label in labels.items():
        text = f"✅ *{escape(label)}* received. It goes with this form when you submit it."
        blocks = _place_below_button({"blocks": blocks}, key, section(text, block_id=f"{RECEIVED_PREFIX}{key}"))
    return blocks


def remove_secret_links(view: Mapping[str, object]) -> list[Block]:
    """Return the blocks of `view` without the addresses of pages."""
    return [
        {key: part for key, part in block.items() if key != "accessory"}
        if str(block.get("block_id", "")).startswith(LINK_PREFIX)
        else block
        for block in read_blocks(view)
    ]


def read_received_keys(view: Mapping[str, object]) -> frozenset[str]:
    """Return the keys whose values are marked as received in `view`."""
    names = [str(block.get("block_id", "")) for block in read_blocks(view)]
    return frozenset(name.removeprefix(RECEIVED_PREFIX) for name in names if name.startswith(RECEIVED_PREFIX))


def mark_erased(view: Mapping[str, object], keys: Iterable[str]) -> list[Block]:
    """Return the blocks of `view` with a note for each of `keys` that its value is erased."""
    blocks = read_blocks(view)
    for key in keys:
        text = f"⚠️ What was entered for {code(key)} is erased. Enter it again, or choose a secret."
        blocks = _place_below_button({"blocks": blocks}, key, section(text, block_id=f"{LINK_PREFIX}{key}"))
    return blocks


def _secret_menu(
    kind: WarehouseType, setting: Setting, ways: SecretInputOptions, *, new: bool, guess: bool = False
) -> Sequence[Block]:
    fitting = [name for name in ways.names if len(name) <= _VALUE]
    if not fitting:
        return []
    left = len(ways.names) - len(fitting)
    hint = f"{_NEVER_TYPED} {left} with longer names than Slack takes are left out." if left else _NEVER_TYPED
    if guess:
        hint = f"Sent as {setting.name}. Where that is wrong, leave it and add the line KEY = secret:NAME below."
    return [
        input_field(
            secret_block_id(kind, setting.name),
            field_label(setting),
            select(
                "value",
                "Choose a secret by its name" if new else "Unchanged",
                [Choice(_truncate_start(name), name) for name in fitting],
            ),
            optional=guess or ways.has_secret_page or ways.can_type_secrets or not (new and setting.is_required),
            hint=hint,
        )
    ]


def _truncate_start(name: str) -> str:
    # Keep the end: paths differ there.
    return name if len(name) <= _LABEL else f"…{name[1 - _LABEL :]}"


def _typed_field(kind: WarehouseType, setting: Setting) -> Block:
    element = text_input("value", multiline=setting.name_is_guess)  # a guessed secret may be a key or a file
    name = typed_secret_block_id(kind, setting.name)
    return input_field(name, f"{field_label(setting)}, typed here", element, optional=True, hint=_TYPED)


def _link_buttons(kind: WarehouseType, settings: Iterable[Setting], name: str) -> Block:
    def label(setting: Setting) -> str:
        return "Enter it on a one-time page" if name else f"Enter {field_label(setting)} on a one-time page"

    buttons = [button(label(each), f"{SECRET_LINK_ACTION_PREFIX}{each.name}", each.name) for each in settings]
    return actions(*buttons, block_id=secret_links_block_id(kind, name))


def _render_unavailable(kind: WarehouseType, setting: Setting) -> Block:
    return section(
        f"*{escape(field_label(setting))}*: there is no secret that you may use. Whoever runs the bot sets them, such "
        "as `WAREHOUSE_SECRET_<NAME>` in its environment, and `[secrets]` in `policy.toml` says who may use which.",
        block_id=secret_block_id(kind, setting.name),
    )


def _place_below_button(view: Mapping[str, object], key: str, block: Block) -> list[Block]:
    placed: list[Block] = []
    for each in read_blocks(view):
        if each.get("block_id") not in {f"{LINK_PREFIX}{key}", f"{RECEIVED_PREFIX}{key}"}:
            placed.append(each)
        if any(control.get("action_id") == f"{SECRET_LINK_ACTION_PREFIX}{key}" for control in _controls(each)):
            placed.append(block)
    return placed


def _controls(block: Block) -> Sequence[Block]:
    elements = block.get("elements")
    return [each for each in elements if isinstance(each, Mapping)] if isinstance(elements, list) else []
