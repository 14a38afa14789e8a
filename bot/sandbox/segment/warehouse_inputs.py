"""Parse and validate the bodies of the warehouse operations."""

from dataclasses import dataclass

from pydantic import JsonValue

from bot.sandbox.segment.body_validator import Body, BodyValidator, as_object, get_flag, get_text
from bot.sandbox.segment.catalog import SettingKey, WarehouseType, load_warehouse_types
from bot.sandbox.segment.errors import ApiError, build_error, invalid_field


@dataclass(frozen=True)
class CreateInput:
    """The body of POST. `schema_name` is None where it is missing."""

    type: WarehouseType
    settings: Body
    name: str
    enabled: bool
    schema_name: str | None


@dataclass(frozen=True)
class UpdateInput:
    """The body of PATCH; fields that are missing are None."""

    settings: Body
    name: str | None
    enabled: bool | None
    schema_name: str | None


@dataclass(frozen=True)
class ValidationInput:
    """The body of a validation: the settings to test."""

    type: WarehouseType
    settings: Body


def parse_create_input(body: Body, missing_credentials: str) -> CreateInput:
    """Parse the body of POST; raises ApiError (422, or the 500 of the switch `missing_credentials`)."""
    warehouse_type, settings = _parse_type_and_settings(body, ("name", "enabled", "schemaName"))
    if not warehouse_type.supports_profiles_sync:
        raise invalid_field("metadataId", "is not a warehouse type that Profiles Sync supports")
    validator = BodyValidator()
    validator.check_required_fields(settings, warehouse_type.list_missing_keys(settings), "settings.")
    _check_settings(validator, warehouse_type, settings)
    if warehouse_type.lacks_credentials(settings):
        _add_credentials_error(validator, missing_credentials)
    validator.raise_errors()
    return CreateInput(
        type=warehouse_type,
        settings=settings,
        name=_get_name(body) or warehouse_type.name,
        enabled=get_flag(body, "enabled") is not False,
        schema_name=get_text(body, "schemaName"),
    )


def parse_update_input(body: Body, warehouse_type: WarehouseType) -> UpdateInput:
    """Parse the body of PATCH for a warehouse of this type; raises ApiError (422)."""
    validator = BodyValidator()
    validator.check_unknown_fields(body, ("settings", "name", "enabled", "schemaName"))
    _check_common_fields(validator, body)
    validator.raise_errors()
    settings = as_object(body["settings"])
    _check_settings(validator, warehouse_type, settings)
    validator.raise_errors()
    return UpdateInput(settings, _get_name(body), get_flag(body, "enabled"), get_text(body, "schemaName"))


def parse_validation_input(body: Body) -> ValidationInput:
    """Parse the body of a validation, whose settings may be incomplete; raises ApiError (422)."""
    warehouse_type, settings = _parse_type_and_settings(body, ())
    validator = BodyValidator()
    _check_settings(validator, warehouse_type, settings)
    validator.raise_errors()
    return ValidationInput(warehouse_type, settings)


def _parse_type_and_settings(body: Body, other_fields: tuple[str, ...]) -> tuple[WarehouseType, Body]:
    validator = BodyValidator()
    validator.check_unknown_fields(body, ("metadataId", "settings", *other_fields))
    validator.check_required_fields(body, ["metadataId"])
    validator.check_type(body, "metadataId", "string")
    _check_common_fields(validator, body)
    validator.raise_errors()
    warehouse_type = load_warehouse_types().get(get_text(body, "metadataId") or "")
    if warehouse_type is None:
        raise invalid_field("metadataId", "is not a warehouse type of the catalog")
    return warehouse_type, as_object(body["settings"])


def _check_common_fields(validator: BodyValidator, body: Body) -> None:
    validator.check_required_fields(body, ["settings"])
    validator.check_type(body, "settings", "object")
    validator.check_text(body, "name")
    validator.check_type(body, "enabled", "boolean")
    validator.check_text(body, "schemaName")


def _check_settings(validator: BodyValidator, warehouse_type: WarehouseType, settings: Body) -> None:
    validator.check_text(settings, "name", "settings.")
    for key in warehouse_type.keys:
        if key.is_writable and key.name in settings and key.name != "name":
            _check_setting(validator, key, settings)


def _check_setting(validator: BodyValidator, key: SettingKey, settings: Body) -> None:
    value = settings[key.name]
    if key.name == "port":
        if not _is_port(value):
            validator.add_error("settings.port", "must be a number between 1 and 65535")
    elif value == "" and key.is_required:
        validator.add_error(f"settings.{key.name}", "is not allowed to be empty")
    else:
        validator.check_type(settings, key.name, key.type, "settings.")


def _is_port(value: JsonValue) -> bool:
    # Every example and export has a string; a number is accepted too, since no source says that Segment refuses it.
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    digits = str(value)
    return digits.isascii() and digits.isdigit() and len(digits) <= 5 and 1 <= int(digits) <= 65535


def _add_credentials_error(validator: BodyValidator, missing_credentials: str) -> None:
    if missing_credentials == "unknown" and not validator.errors:
        raise ApiError(500, build_error(500, "Connection settings are invalid: missing credentials"))
    validator.add_error("settings.password", "is required")


def _get_name(body: Body) -> str | None:
    return get_text(body, "name") or get_text(as_object(body["settings"]), "name")
