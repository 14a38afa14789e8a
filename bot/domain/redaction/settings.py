"""What may be shown of a warehouse's settings: what its type's table knows as not secret, and nothing else."""

from collections.abc import Collection, Mapping

from pydantic import JsonValue

from bot.domain.redaction.detection.detector import length_class, looks_secret
from bot.domain.warehouses import Setting, Value, Warehouse, WarehouseType

#: Settings that every warehouse has and that are shown elsewhere.
_ELSEWHERE = frozenset({"name"})

#: Characters of a value that a form surely shows as it is.
_SHORT = 255


class Shown(Value):
    """One setting that may be shown. `text` is unescaped and of any length."""

    key: str
    text: str


class Redacted(Value):
    """A warehouse's settings as they may be shown: the plain ones, which secrets its type has, how many are unknown.

    `masked` are those that should be plain and look like a secret, with no more than their length class.
    """

    shown: tuple[Shown, ...]
    masked: tuple[Shown, ...]
    secrets: tuple[str, ...]
    unknown: int


def redact(warehouse: Warehouse) -> Redacted:
    """Split the settings of `warehouse` into what may be shown and what may not.

    Only a scalar of a key that its type's table knows as not secret is shown, and only where it does not look like one.
    Keys we don't know are counted.
    """
    masked = [
        Shown(key=setting.name, text=mask(warehouse.settings[setting.name]))
        for setting in warehouse.type.settings
        if setting.written and not setting.secret and setting.name in warehouse.settings
        if setting.name not in _ELSEWHERE and not may_show(setting, warehouse.settings[setting.name])
    ]
    shown = [
        Shown(key=setting.name, text=plain(warehouse.settings[setting.name]))
        for setting in warehouse.type.settings
        if setting.name in warehouse.settings and may_show(setting, warehouse.settings[setting.name])
    ]
    accounted = {*(entry.key for entry in (*shown, *masked)), *_ELSEWHERE, *_server_made(warehouse.type)}
    return Redacted(
        shown=tuple(entry for entry in shown if entry.text and entry.key not in _server_made(warehouse.type)),
        masked=tuple(masked),
        secrets=_secrets(warehouse.type),
        unknown=len(warehouse.settings.keys() - accounted),
    )


def may_show(setting: Setting | None, value: JsonValue) -> bool:
    """Whether `value` of the key that `setting` describes may be shown; never, where nothing describes it."""
    return setting is not None and not setting.secret and _harmless(value)


def plain_keys(kind: WarehouseType) -> tuple[str, ...]:
    """The keys that the table of `kind` knows as not secret."""
    return tuple(setting.name for setting in kind.settings if setting.written and not setting.secret)


def labels_of(kind: WarehouseType) -> dict[str, str]:
    """What people call the settings of `kind` that they write, by their keys."""
    return {setting.name: setting.label for setting in kind.settings if setting.written and setting.label}


def told(key: str, value: JsonValue, plain_ones: Collection[str]) -> str:
    """`value` of `key` for a card, where only `plain_ones` may be shown; of others no more than the length class."""
    if value is None or value == "":
        return ""
    return plain(value) if key in plain_ones and _harmless(value) else mask(value)


def mask(value: JsonValue) -> str:
    """What is told of a value that may not be shown."""
    return f"hidden ({length_class(value if isinstance(value, str) else str(value))})"


def _harmless(value: JsonValue) -> bool:
    return not isinstance(value, (dict, list)) and not looks_secret(plain(value))


def showable(kind: WarehouseType, settings: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The part of `settings` that people wrote and that may be shown, stored and put into a form."""
    made = _server_made(kind)
    return {key: value for key, value in settings.items() if key not in made and may_show(kind.setting(key), value)}


def count_hidden(warehouse: Warehouse) -> int:
    """How many settings of `warehouse`, beside its secrets, a form does not show: they may not be, or are too long.

    `host`, which Segment makes of `hostname`, counts where it says something else.
    """
    kind, settings = warehouse.type, warehouse.settings
    known = {*(each.name for each in kind.settings if each.secret), *_ELSEWHERE, *_server_made(kind)}
    others = {key: value for key, value in settings.items() if key not in known and plain(value)}
    hidden = sum(not may_show(kind.setting(key), value) or len(plain(value)) > _SHORT for key, value in others.items())
    return hidden + (settings.get("host") not in (None, settings.get("hostname")))


def plain(value: JsonValue) -> str:
    """A scalar as people write it: true, 5439, text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _secrets(kind: WarehouseType) -> tuple[str, ...]:
    # Where the names of some are known, guesses at others would only puzzle.
    secret = [setting for setting in kind.settings if setting.secret and setting.written]
    known = [setting for setting in secret if not setting.name_is_guess]
    return tuple(setting.name for setting in known or secret)


def _server_made(kind: WarehouseType) -> set[str]:
    return {setting.name for setting in kind.settings if not setting.written}
