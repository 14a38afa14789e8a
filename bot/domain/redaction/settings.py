"""What may be shown of a warehouse's settings: what its type's table knows as not secret, and nothing else."""

from collections.abc import Collection, Mapping

from pydantic import JsonValue

from bot.domain.frozen_model import FrozenModel
from bot.domain.redaction.detection.detector import classify_length, looks_secret
from bot.domain.warehouses import Setting, Warehouse, WarehouseType

#: Settings that every warehouse has and that are shown elsewhere.
_ELSEWHERE = frozenset({"name"})

#: Characters of a value that a form surely shows as it is.
_SHORT = 255


class SettingText(FrozenModel):
    """One setting that may be shown. `text` is unescaped and of any length."""

    key: str
    text: str


class RedactedSettings(FrozenModel):
    """A warehouse's settings as they may be shown: the plain ones, which secrets its type has, how many are unknown.

    `masked` are those that should be plain and look like a secret, with no more than their length class.
    """

    visible_settings: tuple[SettingText, ...]
    masked_settings: tuple[SettingText, ...]
    secret_keys: tuple[str, ...]
    unknown_count: int


def redact_settings(warehouse: Warehouse) -> RedactedSettings:
    """Split the settings of `warehouse` into what may be shown and what may not.

    Only a scalar of a key that its type's table knows as not secret is shown, and only where it does not look like one.
    Keys we don't know are counted.
    """
    masked = [
        SettingText(key=setting.name, text=mask_value(warehouse.settings[setting.name]))
        for setting in warehouse.type.settings
        if setting.is_writable and not setting.is_secret and setting.name in warehouse.settings
        if setting.name not in _ELSEWHERE and not can_show(setting, warehouse.settings[setting.name])
    ]
    shown = [
        SettingText(key=setting.name, text=format_scalar(warehouse.settings[setting.name]))
        for setting in warehouse.type.settings
        if setting.name in warehouse.settings and can_show(setting, warehouse.settings[setting.name])
    ]
    accounted = {*(entry.key for entry in (*shown, *masked)), *_ELSEWHERE, *_server_made(warehouse.type)}
    return RedactedSettings(
        visible_settings=tuple(
            entry for entry in shown if entry.text and entry.key not in _server_made(warehouse.type)
        ),
        masked_settings=tuple(masked),
        secret_keys=_secrets(warehouse.type),
        unknown_count=len(warehouse.settings.keys() - accounted),
    )


def can_show(setting: Setting | None, value: JsonValue) -> bool:
    """Whether `value` of the key that `setting` describes may be shown; never, where nothing describes it."""
    return setting is not None and not setting.is_secret and _harmless(value)


def list_plain_keys(kind: WarehouseType) -> tuple[str, ...]:
    """The keys that the table of `kind` knows as not secret."""
    return tuple(setting.name for setting in kind.settings if setting.is_writable and not setting.is_secret)


def get_setting_labels(kind: WarehouseType) -> dict[str, str]:
    """What people call the settings of `kind` that they write, by their keys."""
    return {setting.name: setting.label for setting in kind.settings if setting.is_writable and setting.label}


def redact_value(key: str, value: JsonValue, plain_keys: Collection[str]) -> str:
    """`value` of `key` for a card, where only `plain_ones` may be shown; of others no more than the length class."""
    if value is None or value == "":
        return ""
    return format_scalar(value) if key in plain_keys and _harmless(value) else mask_value(value)


def mask_value(value: JsonValue) -> str:
    """What is told of a value that may not be shown."""
    return f"hidden ({classify_length(value if isinstance(value, str) else str(value))})"


def _harmless(value: JsonValue) -> bool:
    return not isinstance(value, (dict, list)) and not looks_secret(format_scalar(value))


def select_visible_settings(kind: WarehouseType, settings: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The part of `settings` that people wrote and that may be shown, stored and put into a form."""
    made = _server_made(kind)
    return {
        key: value for key, value in settings.items() if key not in made and can_show(kind.find_setting(key), value)
    }


def count_hidden_settings(warehouse: Warehouse) -> int:
    """How many settings of `warehouse`, beside its secrets, a form does not show: they may not be, or are too long.

    `host`, which Segment makes of `hostname`, counts where it says something else.
    """
    kind, settings = warehouse.type, warehouse.settings
    known = {*(each.name for each in kind.settings if each.is_secret), *_ELSEWHERE, *_server_made(kind)}
    others = {key: value for key, value in settings.items() if key not in known and format_scalar(value)}
    hidden = sum(
        not can_show(kind.find_setting(key), value) or len(format_scalar(value)) > _SHORT
        for key, value in others.items()
    )
    return hidden + (settings.get("host") not in (None, settings.get("hostname")))


def format_scalar(value: JsonValue) -> str:
    """A scalar as people write it: true, 5439, text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _secrets(kind: WarehouseType) -> tuple[str, ...]:
    # Where the names of some are known, guesses at others would only puzzle.
    secret = [setting for setting in kind.settings if setting.is_secret and setting.is_writable]
    known = [setting for setting in secret if not setting.name_is_guess]
    return tuple(setting.name for setting in known or secret)


def _server_made(kind: WarehouseType) -> set[str]:
    return {setting.name for setting in kind.settings if not setting.is_writable}
