"""What the bodies of the warehouse operations ask for, checked."""

from dataclasses import dataclass

from pydantic import JsonValue

from bot.sandbox.segment.body_validator import Body, BodyValidator, as_object, get_flag, get_text
from bot.sandbox.segment.catalog import SettingKey, WarehouseType, load_warehouse_types
from bot.sandbox.segment.errors import ApiError, build_error, invalid_field


@dataclass(frozen=True)
class CreateInput:
    """What POST asks for. `schema_name` is None where it was left out."""

    type: WarehouseType
    settings: Body
    name: str
    enabled: bool
    schema_name: str | None


@dataclass(frozen=True)
class UpdateInput:
    """What PATCH asks for; None is what was left out."""

    settings: Body
    name: str | None
    enabled: bool | None
    schema_name: str | None


@dataclass(frozen=True)
class ValidationInput:
    """Settings to try."""

    type: WarehouseType
    settings: Body


def parse_create_input(body: Body, missing_credentials: str) -> CreateInput:
    """Read the body of POST; raises Refused (422, or the 500 of the switch `missing_credentials`)."""
    kind, settings = _kind_and_settings(body, ("name", "enabled", "schemaName"))
    if not kind.supports_profiles_sync:
        raise invalid_field("metadataId", "is not a warehouse type that Profiles Sync supports")
    problems = BodyValidator()
    problems.check_required_fields(settings, kind.list_missing_keys(settings), "settings.")
    _check_settings(problems, kind, settings)
    if kind.lacks_credentials(settings):
        _refuse_credentials(problems, missing_credentials)
    problems.raise_errors()
    return CreateInput(
        type=kind,
        settings=settings,
        name=_name(body) or kind.name,
        enabled=get_flag(body, "enabled") is not False,
        schema_name=get_text(body, "schemaName"),
    )


def parse_update_input(body: Body, kind: WarehouseType) -> UpdateInput:
    """Read the body of PATCH for a warehouse of this kind; raises Refused (422)."""
    problems = BodyValidator()
    problems.check_unknown_fields(body, ("settings", "name", "enabled", "schemaName"))
    _check_common(problems, body)
    problems.raise_errors()
    settings = as_object(body["settings"])
    _check_settings(problems, kind, settings)
    problems.raise_errors()
    return UpdateInput(settings, _name(body), get_flag(body, "enabled"), get_text(body, "schemaName"))


def parse_validation_input(body: Body) -> ValidationInput:
    """Read the body of a validation; keys may be missing from its settings. Raises Refused (422)."""
    kind, settings = _kind_and_settings(body, ())
    problems = BodyValidator()
    _check_settings(problems, kind, settings)
    problems.raise_errors()
    return ValidationInput(kind, settings)


def _kind_and_settings(body: Body, others: tuple[str, ...]) -> tuple[WarehouseType, Body]:
    problems = BodyValidator()
    problems.check_unknown_fields(body, ("metadataId", "settings", *others))
    problems.check_required_fields(body, ["metadataId"])
    problems.check_type(body, "metadataId", "string")
    _check_common(problems, body)
    problems.raise_errors()
    kind = load_warehouse_types().get(get_text(body, "metadataId") or "")
    if kind is None:
        raise invalid_field("metadataId", "is not a warehouse type of the catalog")
    return kind, as_object(body["settings"])


def _check_common(problems: BodyValidator, body: Body) -> None:
    problems.check_required_fields(body, ["settings"])
    problems.check_type(body, "settings", "object")
    problems.check_text(body, "name")
    problems.check_type(body, "enabled", "boolean")
    problems.check_text(body, "schemaName")


def _check_settings(problems: BodyValidator, kind: WarehouseType, settings: Body) -> None:
    problems.check_text(settings, "name", "settings.")
    for key in kind.keys:
        if key.is_writable and key.name in settings and key.name != "name":
            _check_setting(problems, key, settings)


def _check_setting(problems: BodyValidator, key: SettingKey, settings: Body) -> None:
    value = settings[key.name]
    if key.name == "port":
        if not _is_port(value):
            problems.add_error("settings.port", "must be a number between 1 and 65535")
    elif value == "" and key.is_required:
        problems.add_error(f"settings.{key.name}", "is not allowed to be empty")
    else:
        problems.check_type(settings, key.name, key.type, "settings.")


def _is_port(value: JsonValue) -> bool:
    # Every example and export has a string; a number is taken as well, since no source says that it is refused.
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    digits = str(value)
    return digits.isascii() and digits.isdigit() and len(digits) <= 5 and 1 <= int(digits) <= 65535


def _refuse_credentials(problems: BodyValidator, how: str) -> None:
    if how == "unknown" and not problems.errors:
        raise ApiError(500, build_error(500, "Connection settings are invalid: missing credentials"))
    problems.add_error("settings.password", "is required")


def _name(body: Body) -> str | None:
    return get_text(body, "name") or get_text(as_object(body["settings"]), "name")
