"""The editor of `key = value` lines, for settings whose keys are guesses."""

import re
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from bot.domain.redaction.settings import can_show, format_scalar
from bot.domain.text import to_one_line, truncate
from bot.domain.warehouses import SecretRef, Setting, WarehouseType
from bot.render.block_ids import editor_block_id
from bot.render.blocks import MAX_INPUT_LENGTH, Block, context, input_field, text_input
from bot.render.form_errors import FormErrors

_GUESSED = (
    "Nobody outside Segment knows how it spells the settings below, so these names are our guess from its own form. "
    "Correct them where Segment refuses them."
)
_UNKNOWN_TYPE = (
    "This type is new to the bot: it does not know its settings. Segment's own form shows what it wants. "
    "What is typed here stands on the card of a change, so name secrets instead of typing them."
)
_EDITOR_HINT = "One a line, as key = value. A secret is named, never typed: key = secret:NAME."


#: Keys that look like those of secrets: their values must be secret references.
_SECRET_KEY = re.compile(r"pass|secret|token|credential(?!_id)|private|api_?key|ciphertext|access_?key", re.IGNORECASE)
_KEY = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_REF = "secret:"


def render_editor(kind: WarehouseType, known: Mapping[str, JsonValue], *, is_new: bool) -> Sequence[Block]:
    """Return the editor for settings of `kind` whose keys are guesses, filled with those of `known` that may be shown.

    An unknown type has an editor too; a type whose keys are all known has none.
    """
    guesses = [setting for setting in kind.settings if setting.is_writable and setting.name_is_guess]
    if kind.is_known and not guesses:
        return []
    plain_ones = [setting for setting in guesses if not setting.is_secret and (setting.is_required or not is_new)]
    lines = [_editor_line(setting, known, new=is_new) for setting in plain_ones]
    fitting = _select_lines_that_fit(lines)
    hint = _EDITOR_HINT if is_new else f"{_EDITOR_HINT} A line taken out leaves that setting as it is."
    if missing := len(lines) - len(fitting):
        hint = f"{hint} {missing} more did not fit here and stay as they are."
    element = text_input("value", "\n".join(fitting), multiline=True, placeholder="key = value")
    return [input_field(editor_block_id(kind), "Other settings", element, optional=True, hint=hint)]


def render_guessed_keys_note(kind: WarehouseType) -> Block:
    """Return the note about settings whose keys are guesses."""
    return context(_GUESSED if kind.is_known else _UNKNOWN_TYPE, "guessed")


def _select_lines_that_fit(lines: Sequence[str]) -> Sequence[str]:
    selected: list[str] = []
    for line in sorted(lines, key=len):
        if sum(map(len, selected)) + len(selected) + len(line) <= MAX_INPUT_LENGTH:
            selected.append(line)
    return [line for line in lines if line in selected]


def _editor_line(setting: Setting, known: Mapping[str, JsonValue], *, new: bool) -> str:
    value = known.get(setting.name)
    # On one line: a second line would be read as another setting.
    shown = to_one_line(format_scalar(value)) if can_show(setting, value) else ""
    return f"{setting.name} = {shown or (setting.default or '' if new else '')}"


def read_editor_lines(
    text: str, block: str, secrets: Sequence[str]
) -> tuple[dict[str, JsonValue], dict[str, SecretRef]]:
    """Read the settings and the secret references in the `text` of the input `block`; `secrets` are the valid names.

    Raises:
        FormErrors: a line is malformed, or seems to contain a secret.
    """
    settings: dict[str, JsonValue] = {}
    refs: dict[str, SecretRef] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        key, equals, value = (part.strip() for part in line.partition("="))
        if not equals or not _KEY.fullmatch(key):
            raise FormErrors({block: f"Line {number} is not key = value."})
        if key in settings or key in refs:
            raise FormErrors({block: f"{key} is there twice."})
        if value.startswith(_REF):
            refs |= _read_secret_reference(key, value.removeprefix(_REF).strip(), block, secrets)
        elif value and _SECRET_KEY.search(key):
            known = ", ".join(secrets[:10]) or "none is set"
            raise FormErrors({block: f"{key} looks like a secret. Write {key} = secret:NAME (names: {known})."})
        else:
            settings[key] = {"true": True, "false": False}.get(value, value)
    return settings, refs


def _read_secret_reference(key: str, name: str, block: str, secrets: Sequence[str]) -> dict[str, SecretRef]:
    if not name:
        return {}
    if name not in secrets:
        known = ", ".join(secrets[:10]) or "none is set"
        raise FormErrors({block: f"There is no secret {truncate(name, 80)} for {key}. Names: {known}."})
    return {key: SecretRef(name=name)}
