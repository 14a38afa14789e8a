"""Decide which of a warehouse's settings may be shown: those that the table of its type calls not secret."""

from collections.abc import Collection, Mapping

from pydantic import JsonValue

from bot.domain.frozen_model import FrozenModel
from bot.domain.redaction.detection.detector import classify_length, looks_secret
from bot.domain.warehouses import Setting, Warehouse, WarehouseType

#: Settings that every warehouse has and that are shown elsewhere.
_SHOWN_ELSEWHERE = frozenset({"name"})

#: The longest value that a form shows as it is.
_MAX_FORM_LENGTH = 255


class SettingText(FrozenModel):
    """One setting that may be shown. `text` is unescaped and of any length."""

    key: str
    text: str


class RedactedSettings(FrozenModel):
    """A warehouse's settings as they may be shown.

    `visible_settings` are the plain ones. `masked_settings` should be plain and look like a secret: their text is a
    length class. `secret_keys` are the secrets that the type has. `unknown_count` counts the keys we don't know.
    """

    visible_settings: tuple[SettingText, ...]
    masked_settings: tuple[SettingText, ...]
    secret_keys: tuple[str, ...]
    unknown_count: int


def redact_settings(warehouse: Warehouse) -> RedactedSettings:
    """Split the settings of `warehouse` into those that may be shown and those that may not.

    A setting is shown if the table of its type calls its key not secret, and its value is a scalar that does not look
    like a secret. Unknown keys are counted.
    """
    masked = [
        SettingText(key=setting.name, text=mask_value(warehouse.settings[setting.name]))
        for setting in warehouse.type.settings
        if setting.is_writable and not setting.is_secret and setting.name in warehouse.settings
        if setting.name not in _SHOWN_ELSEWHERE and not can_show(setting, warehouse.settings[setting.name])
    ]
    plain = [
        SettingText(key=setting.name, text=format_scalar(warehouse.settings[setting.name]))
        for setting in warehouse.type.settings
        if setting.name in warehouse.settings and can_show(setting, warehouse.settings[setting.name])
    ]
    read_only_keys = _find_read_only_keys(warehouse.type)
    known_keys = {*(entry.key for entry in (*plain, *masked)), *_SHOWN_ELSEWHERE, *read_only_keys}
    return RedactedSettings(
        visible_settings=tuple(entry for entry in plain if entry.text and entry.key not in read_only_keys),
        masked_settings=tuple(masked),
        secret_keys=_list_secret_keys(warehouse.type),
        unknown_count=len(warehouse.settings.keys() - known_keys),
    )


def can_show(setting: Setting | None, value: JsonValue) -> bool:
    """Whether `value` of the key that `setting` describes may be shown; False where nothing describes the key."""
    return setting is not None and not setting.is_secret and _is_harmless(value)


def list_plain_keys(kind: WarehouseType) -> tuple[str, ...]:
    """Return the keys that the table of `kind` calls not secret."""
    return tuple(setting.name for setting in kind.settings if setting.is_writable and not setting.is_secret)


def get_setting_labels(kind: WarehouseType) -> dict[str, str]:
    """Return the labels of the settings of `kind` that people fill in, by key."""
    return {setting.name: setting.label for setting in kind.settings if setting.is_writable and setting.label}


def redact_value(key: str, value: JsonValue, plain_keys: Collection[str]) -> str:
    """Return `value` of `key` as text for a card, where only `plain_keys` may be shown; else its length class."""
    if value is None or value == "":
        return ""
    return format_scalar(value) if key in plain_keys and _is_harmless(value) else mask_value(value)


def mask_value(value: JsonValue) -> str:
    """Return the text in place of a value that may not be shown: its length class."""
    return f"hidden ({classify_length(value if isinstance(value, str) else str(value))})"


def _is_harmless(value: JsonValue) -> bool:
    return not isinstance(value, (dict, list)) and not looks_secret(format_scalar(value))


def select_visible_settings(kind: WarehouseType, settings: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return those of `settings` that people filled in and that may be shown, stored and put into a form."""
    read_only_keys = _find_read_only_keys(kind)
    return {
        key: value
        for key, value in settings.items()
        if key not in read_only_keys and can_show(kind.find_setting(key), value)
    }


def count_hidden_settings(warehouse: Warehouse) -> int:
    """Count the settings of `warehouse`, except its secrets, that a form does not show: not allowed, or too long.

    Segment derives `host` from `hostname`. It counts where the two differ.
    """
    kind, settings = warehouse.type, warehouse.settings
    secret_keys = {setting.name for setting in kind.settings if setting.is_secret}
    excluded_keys = {*secret_keys, *_SHOWN_ELSEWHERE, *_find_read_only_keys(kind)}
    candidates = {key: value for key, value in settings.items() if key not in excluded_keys and format_scalar(value)}
    hidden_count = sum(
        not can_show(kind.find_setting(key), value) or len(format_scalar(value)) > _MAX_FORM_LENGTH
        for key, value in candidates.items()
    )
    return hidden_count + (settings.get("host") not in (None, settings.get("hostname")))


def format_scalar(value: JsonValue) -> str:
    """Return a scalar as people write it: true, 5439, text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _list_secret_keys(kind: WarehouseType) -> tuple[str, ...]:
    # Guessed names are listed only where no name is certain: they would confuse.
    secret_settings = [setting for setting in kind.settings if setting.is_secret and setting.is_writable]
    certain = [setting for setting in secret_settings if not setting.name_is_guess]
    return tuple(setting.name for setting in certain or secret_settings)


def _find_read_only_keys(kind: WarehouseType) -> set[str]:
    return {setting.name for setting in kind.settings if not setting.is_writable}
