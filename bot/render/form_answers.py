"""Read a submitted form back into a change, or into errors by input."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from pydantic import JsonValue, SecretStr

from bot.domain.changes.change import Create, Update, WarehouseSnapshot
from bot.domain.redaction.detection.detector import looks_secret
from bot.domain.redaction.settings import get_setting_labels, list_plain_keys
from bot.domain.segment_errors import FieldError
from bot.domain.text import to_one_line
from bot.domain.warehouses import SecretRef, Space, WarehouseType
from bot.render.block_ids import (
    TYPED_SECRET_PREFIX,
    editor_block_id,
    secret_block_id,
    setting_block_id,
    typed_secret_block_id,
)
from bot.render.form_errors import FormErrors
from bot.render.forms import View, read_form_context
from bot.render.mrkdwn import escape_and_truncate
from bot.render.secret_fields import field_label
from bot.render.setting_fields import has_own_field
from bot.render.settings_editor import read_editor_lines

_TYPED = "it looks like a secret, and Slack keeps what is typed. Keep it where the bot's secrets are, and name it."

#: One-time secrets entered for a form, by the key of their setting.
OneTimeSecretRefs = Mapping[str, SecretRef]

_NONE: OneTimeSecretRefs = MappingProxyType({})


class FormAnswers(NamedTuple):
    """The values of a form by `block_id`: current ones, initial ones, and the labels of its inputs.

    Typed secrets are left out: `read_typed_secrets` returns them.
    """

    values: Mapping[str, str]
    initial: Mapping[str, str]
    labels: Mapping[str, str]


class ConnectionSettings(NamedTuple):
    """The settings in a form: plain ones, and secret references."""

    settings: Mapping[str, JsonValue]
    secrets: Mapping[str, SecretRef]


def read_answers(view: View) -> FormAnswers:
    """Read the values of the form `view`, as Slack sends it."""
    blocks = [block for block in _list(view.get("blocks")) if isinstance(block, Mapping)]
    inputs = [block for block in blocks if block.get("type") == "input"]
    state = _map(_map(view.get("state")).get("values"))
    typed = {
        str(block_id): _value(_map(element))
        for block_id, elements in state.items()
        for element in list(_map(elements).values())[:1]
        if not str(block_id).startswith(TYPED_SECRET_PREFIX)
    }
    initial = {str(block["block_id"]): _initial(_map(block.get("element"))) for block in inputs}
    if str(view.get("callback_id", "")).startswith("form:"):
        initial |= read_form_context(view).seen
    labels = {str(block["block_id"]): str(_map(block.get("label")).get("text", "")) for block in inputs}
    return FormAnswers(typed, initial, labels)


def read_typed_secrets(view: View, kind: WarehouseType) -> Mapping[str, SecretStr]:
    """Read the secrets that are typed into the form, by the key of their setting."""
    values, prefix = _map(_map(view.get("state")).get("values")), typed_secret_block_id(kind, "")
    fields = {str(block)[len(prefix) :]: each for block, each in values.items() if str(block).startswith(prefix)}
    texts = {key: _value(_map(_map(elements).get("value"))) for key, elements in fields.items()}
    return {key: SecretStr(text) for key, text in texts.items() if text.strip()}


def read_chosen_type(view: View) -> tuple[str, str] | None:
    """Return the metadata id and the label of the type chosen in the form, if any."""
    option = _chosen(view, "type", "type")
    return (str(option["value"]), str(_map(option.get("text")).get("text", ""))) if option else None


def read_chosen_space(view: View) -> Space | None:
    """Return the space chosen in the form, if any."""
    option = _chosen(view, "space", "value")
    if not option:
        return None
    slug = str(_map(option.get("text")).get("text", ""))
    return Space(id=str(option["value"]), slug=slug, name=str(_map(option.get("description")).get("text", slug)))


def _chosen(view: View, block_id: str, action_id: str) -> Mapping[str, object]:
    values = _map(_map(view.get("state")).get("values"))
    return _map(_map(_map(values.get(block_id)).get(action_id)).get("selected_option"))


def read_connection_settings(
    form: FormAnswers, kind: WarehouseType, secrets: Sequence[str], handed: OneTimeSecretRefs = _NONE
) -> ConnectionSettings:
    """Read the settings in the form, without empty ones.

    `secrets` are the names to choose from, `handed` the one-time secrets of the form.

    Raises:
        FormErrors: a line of the editor is malformed, or a value looks like a secret.
    """
    settings: dict[str, JsonValue] = {
        key: value for key, value in _fields(form.values, setting_block_id(kind, "")).items() if value.strip()
    }
    block = editor_block_id(kind)
    typed, named = read_editor_lines(form.values.get(block, ""), block, secrets)
    refs = _chosen_secrets(form.values, kind)
    filled = {key: value for key, value in typed.items() if value != ""}
    _reject_typed_secrets({**settings, **filled}, form, kind)
    return ConnectionSettings({**settings, **filled}, {**refs, **named, **handed})


def _reject_typed_secrets(settings: Mapping[str, JsonValue], form: FormAnswers, kind: WarehouseType) -> None:
    places = {key: setting_block_id(kind, key) for key in settings}
    found = [key for key, value in settings.items() if isinstance(value, str) and looks_secret(value)]
    if found:
        blocks = [places[key] if places[key] in form.labels else editor_block_id(kind) for key in found]
        raise FormErrors({block: f"{key}: {_TYPED}" for block, key in zip(blocks, found, strict=True)})


def read_creation(
    form: FormAnswers, space: Space, kind: WarehouseType, secrets: Sequence[str], handed: OneTimeSecretRefs = _NONE
) -> Create:
    """Read the creation in the form. `secrets` and `handed` are as in `read_connection_settings`.

    Raises:
        FormErrors: an input is missing or invalid.
    """
    found = read_connection_settings(form, kind, secrets, handed)
    name = form.values.get("name", "").strip()
    problems = _name_problems(name)
    needed = {
        setting_block_id(kind, each.name): each for each in kind.settings if each.is_required and not each.name_is_guess
    }
    for block, setting in needed.items():
        if block in form.labels and not form.values.get(block, "").strip():
            problems[block] = f"{field_label(setting)} is needed."
    general = _find_missing_secrets(form, kind, found.secrets, problems)
    if problems or general:
        raise FormErrors(problems, general)
    return Create(
        space=space,
        metadata_id=kind.metadata_id,
        type_slug=kind.slug,
        type_name=kind.name,
        name=name,
        schema_name=form.values.get("schema", "").strip() or None,
        enabled=form.values.get("enabled") == "on",
        settings=found.settings,
        secrets=found.secrets,
        plain_keys=list_plain_keys(kind),
        labels=get_setting_labels(kind),
    )


def _find_missing_secrets(
    form: FormAnswers, kind: WarehouseType, entered: OneTimeSecretRefs, problems: dict[str, str]
) -> str:
    """Add missing required secrets to `problems`; return the text about those that have no input."""
    general = []
    for each in kind.settings:
        if each.is_secret and has_own_field(each) and each.is_required and each.name not in entered:
            says = f"{field_label(each)} is needed."
            block = _find_block(each.name, form, kind)
            if block:
                problems[block] = says
            else:
                general.append(says)
    return escape_and_truncate(" ".join(general))


def read_update(
    form: FormAnswers,
    target: WarehouseSnapshot,
    kind: WarehouseType,
    secrets: Sequence[str],
    handed: OneTimeSecretRefs = _NONE,
) -> Update:
    """Read the update in the form: only what differs from the form's initial values.

    `secrets` and `handed` are as in `read_connection_settings`.

    Raises:
        FormErrors: an input is invalid, or nothing differs.
    """
    now, before = (
        _read_unfiltered_settings(form.values, kind, secrets),
        _read_unfiltered_settings(form.initial, kind, secrets),
    )
    settings = {key: value for key, value in now.settings.items() if value != before.settings.get(key, "")}
    name, schema = form.values.get("name", "").strip(), form.values.get("schema", "").strip()
    if name != form.initial.get("name", "").strip() and (problems := _name_problems(name)):
        raise FormErrors(problems)
    enabled = form.values.get("enabled") == "on"
    _reject_typed_secrets(settings, form, kind)
    update = Update(
        target=target.model_copy(update={"settings": {k: v for k, v in before.settings.items() if v != ""}}),
        name=name if name != form.initial.get("name", "").strip() else None,
        schema_name=_schema(schema, form.initial.get("schema", "")),
        enabled=enabled if enabled is not target.enabled else None,
        settings=settings,
        secrets={**now.secrets, **handed},
        before={key: before.settings[key] for key in settings if key in before.settings},
        plain_keys=list_plain_keys(kind),
        labels=get_setting_labels(kind),
    )
    if update.is_empty:
        raise FormErrors({}, "Nothing is changed yet, so nothing was sent. Change something, or cancel.")
    return update


def _read_unfiltered_settings(
    values: Mapping[str, str], kind: WarehouseType, secrets: Sequence[str]
) -> ConnectionSettings:
    # Keep empty values: in an update, emptying a field is a change.
    block = editor_block_id(kind)
    typed, named = read_editor_lines(values.get(block, ""), block, secrets)
    settings = {**_fields(values, setting_block_id(kind, "")), **typed}
    return ConnectionSettings(settings, {**_chosen_secrets(values, kind), **named})


def _chosen_secrets(values: Mapping[str, str], kind: WarehouseType) -> dict[str, SecretRef]:
    chosen = {key: SecretRef(name=name) for key, name in _fields(values, secret_block_id(kind, "")).items() if name}
    # One-time secrets are on no menu: a form that names one is forged.
    return {key: ref for key, ref in chosen.items() if not ref.one_time_source}


def place_segment_errors(errors: Sequence[FieldError], form: FormAnswers, kind: WarehouseType) -> FormErrors:
    """Place Segment's errors on the inputs they name; the others become `general`."""
    by_input: dict[str, str] = {}
    general = []
    for error in errors:
        if block := _find_block(error.field or "", form, kind):
            by_input[block] = error.message or "Segment refused this."
        else:
            general.append(error.message or error.type)
    return FormErrors(by_input, escape_and_truncate("; ".join(general)))


def place_error(keys: Sequence[str], says: str, form: FormAnswers, kind: WarehouseType) -> FormErrors:
    """Place the message `says` on the inputs of the settings `keys`."""
    own = {key: key for key in ("name", "schema", "reason") if key in form.labels}
    blocks = [own.get(key) or _find_block(f"settings.{key}", form, kind) for key in keys]
    return FormErrors({block: says for block in blocks if block}, "" if all(blocks) else says)


def _find_block(field: str, form: FormAnswers, kind: WarehouseType) -> str | None:
    key = field.removeprefix("settings.")
    own = {"name": "name", "schemaName": "schema", "schema": "schema", "metadataId": "type", "enabled": "enabled"}
    of_kind = [block_id(kind, key) for block_id in (setting_block_id, secret_block_id, typed_secret_block_id)]
    places = (own.get(field, ""), *of_kind)
    if found := next((place for place in places if place in form.labels), None):
        return found
    editor = editor_block_id(kind)
    return editor if field.startswith("settings") and editor in form.labels else None


def _schema(typed: str, initial: str) -> str | None:
    return typed if typed and typed != initial else None


def _name_problems(name: str) -> dict[str, str]:
    if not to_one_line(name):
        return {"name": "It needs a name."}
    return {"name": f"A name has up to 255 characters; this one has {len(name)}."} if len(name) > 255 else {}


def _fields(values: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {block[len(prefix) :]: value for block, value in values.items() if block.startswith(prefix)}


def _value(element: Mapping[str, object]) -> str:
    if "selected_options" in element:
        return ",".join(str(_map(chosen).get("value", "")) for chosen in _list(element["selected_options"]))
    if "selected_option" in element:
        return str(_map(element["selected_option"]).get("value", ""))
    return str(element.get("value") or "")


def _initial(element: Mapping[str, object]) -> str:
    if "initial_options" in element:
        return ",".join(str(_map(chosen).get("value", "")) for chosen in _list(element["initial_options"]))
    if "initial_option" in element:
        return str(_map(element["initial_option"]).get("value", ""))
    return str(element.get("initial_value") or "")


def _map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []
