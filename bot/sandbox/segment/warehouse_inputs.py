"""What the bodies of the warehouse operations ask for, checked."""

from dataclasses import dataclass

from pydantic import JsonValue

from bot.sandbox.segment.body_validator import Body, Problems, flag_or_none, objects, text_or_none
from bot.sandbox.segment.catalog import Key, Kind, kinds
from bot.sandbox.segment.errors import Refused, entry, invalid


@dataclass(frozen=True)
class Create:
    """What POST asks for. `schema_name` is None where it was left out."""

    kind: Kind
    settings: Body
    name: str
    enabled: bool
    schema_name: str | None


@dataclass(frozen=True)
class Update:
    """What PATCH asks for; None is what was left out."""

    settings: Body
    name: str | None
    enabled: bool | None
    schema_name: str | None


@dataclass(frozen=True)
class Validation:
    """Settings to try."""

    kind: Kind
    settings: Body


def read_create(body: Body, missing_credentials: str) -> Create:
    """Read the body of POST; raises Refused (422, or the 500 of the switch `missing_credentials`)."""
    kind, settings = _kind_and_settings(body, ("name", "enabled", "schemaName"))
    if not kind.profiles_sync:
        raise invalid("metadataId", "is not a warehouse type that Profiles Sync supports")
    problems = Problems()
    problems.required(settings, kind.missing(settings), "settings.")
    _check_settings(problems, kind, settings)
    if kind.lacks_credentials(settings):
        _refuse_credentials(problems, missing_credentials)
    problems.refuse()
    return Create(
        kind=kind,
        settings=settings,
        name=_name(body) or kind.name,
        enabled=flag_or_none(body, "enabled") is not False,
        schema_name=text_or_none(body, "schemaName"),
    )


def read_update(body: Body, kind: Kind) -> Update:
    """Read the body of PATCH for a warehouse of this kind; raises Refused (422)."""
    problems = Problems()
    problems.unknown(body, ("settings", "name", "enabled", "schemaName"))
    _check_common(problems, body)
    problems.refuse()
    settings = objects(body["settings"])
    _check_settings(problems, kind, settings)
    problems.refuse()
    return Update(settings, _name(body), flag_or_none(body, "enabled"), text_or_none(body, "schemaName"))


def read_validation(body: Body) -> Validation:
    """Read the body of a validation; keys may be missing from its settings. Raises Refused (422)."""
    kind, settings = _kind_and_settings(body, ())
    problems = Problems()
    _check_settings(problems, kind, settings)
    problems.refuse()
    return Validation(kind, settings)


def _kind_and_settings(body: Body, others: tuple[str, ...]) -> tuple[Kind, Body]:
    problems = Problems()
    problems.unknown(body, ("metadataId", "settings", *others))
    problems.required(body, ["metadataId"])
    problems.typed(body, "metadataId", "string")
    _check_common(problems, body)
    problems.refuse()
    kind = kinds().get(text_or_none(body, "metadataId") or "")
    if kind is None:
        raise invalid("metadataId", "is not a warehouse type of the catalog")
    return kind, objects(body["settings"])


def _check_common(problems: Problems, body: Body) -> None:
    problems.required(body, ["settings"])
    problems.typed(body, "settings", "object")
    problems.text(body, "name")
    problems.typed(body, "enabled", "boolean")
    problems.text(body, "schemaName")


def _check_settings(problems: Problems, kind: Kind, settings: Body) -> None:
    problems.text(settings, "name", "settings.")
    for key in kind.keys:
        if key.written and key.name in settings and key.name != "name":
            _check_setting(problems, key, settings)


def _check_setting(problems: Problems, key: Key, settings: Body) -> None:
    value = settings[key.name]
    if key.name == "port":
        if not _is_port(value):
            problems.add("settings.port", "must be a number between 1 and 65535")
    elif value == "" and key.required:
        problems.add(f"settings.{key.name}", "is not allowed to be empty")
    else:
        problems.typed(settings, key.name, key.type, "settings.")


def _is_port(value: JsonValue) -> bool:
    # Every example and export has a string; a number is taken as well, since no source says that it is refused.
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    digits = str(value)
    return digits.isascii() and digits.isdigit() and len(digits) <= 5 and 1 <= int(digits) <= 65535


def _refuse_credentials(problems: Problems, how: str) -> None:
    if how == "unknown" and not problems.entries:
        raise Refused(500, entry(500, "Connection settings are invalid: missing credentials"))
    problems.add("settings.password", "is required")


def _name(body: Body) -> str | None:
    return text_or_none(body, "name") or text_or_none(objects(body["settings"]), "name")
