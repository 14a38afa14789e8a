"""What may be shown of a warehouse's settings: what its type's table knows as not secret, and nothing else."""

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from bot.domain.warehouses import Setting, Value, Warehouse, WarehouseType

#: Characters of a secret that give it away.
_PIECE = 12

#: Settings that every warehouse has and that are shown elsewhere.
_ELSEWHERE = frozenset({"name"})


class Shown(Value):
    """One setting that may be shown. `text` is unescaped and of any length."""

    key: str
    text: str


class Redacted(Value):
    """A warehouse's settings as they may be shown: the plain ones, which secrets its type has, how many are unknown."""

    shown: tuple[Shown, ...]
    secrets: tuple[str, ...]
    unknown: int


def redact(warehouse: Warehouse) -> Redacted:
    """Split the settings of `warehouse` into what may be shown and what may not.

    Only a scalar of a key that its type's table knows as not secret is shown. Keys we don't know are counted.
    """
    shown = [
        Shown(key=setting.name, text=plain(warehouse.settings[setting.name]))
        for setting in warehouse.type.settings
        if setting.name in warehouse.settings and may_show(setting, warehouse.settings[setting.name])
    ]
    accounted = {*(entry.key for entry in shown), *_ELSEWHERE, *_server_made(warehouse.type)}
    return Redacted(
        shown=tuple(entry for entry in shown if entry.text and entry.key not in _server_made(warehouse.type)),
        secrets=_secrets(warehouse.type),
        unknown=len(warehouse.settings.keys() - accounted),
    )


def may_show(setting: Setting | None, value: JsonValue) -> bool:
    """Whether `value` of the key that `setting` describes may be shown; never, where nothing describes it."""
    return setting is not None and not setting.secret and not isinstance(value, (dict, list))


def showable(kind: WarehouseType, settings: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The part of `settings` that people wrote and that may be shown, stored and put into a form."""
    made = _server_made(kind)
    return {key: value for key, value in settings.items() if key not in made and may_show(kind.setting(key), value)}


def strike(text: str, secrets: Iterable[str]) -> str:
    """`text` without any of `secrets`, nor any dozen characters of one: somebody else's words may quote or cut them."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = _without_pieces(text.replace(secret, "•••"), secret)
    return text


def _without_pieces(text: str, secret: str) -> str:
    pieces = {secret[at : at + _PIECE] for at in range(len(secret) - _PIECE + 1)}
    hidden = {
        place
        for at in range(len(text) - _PIECE + 1)
        if text[at : at + _PIECE] in pieces
        for place in range(at, at + _PIECE)
    }
    return "".join("•" if place in hidden else letter for place, letter in enumerate(text)) if hidden else text


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
