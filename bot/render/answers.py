"""What a person typed into a form, read back into a change; or what is wrong with it, by input."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from bot.domain.changes import Create, Target, Update
from bot.domain.redaction import plain_keys
from bot.domain.secrecy import looks_secret
from bot.domain.segment_errors import FieldError
from bot.domain.warehouses import SecretRef, Space, WarehouseType
from bot.render.forms import View, origin_of
from bot.render.mrkdwn import flat

#: Keys whose values are taken for secrets although no table says so: they are named, never typed.
_SECRET_KEY = re.compile(r"pass|secret|token|credential(?!_id)|private|api_?key|ciphertext|access_?key", re.IGNORECASE)
_KEY = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_REF = "secret:"
_TYPED = "it looks like a secret, and Slack keeps what is typed. Keep it where the bot's secrets are, and name it."


class Problems(Exception):
    """What is wrong with a form: plain words by `block_id`, and `general`, in mrkdwn, for what is no input's fault."""

    def __init__(self, by_input: Mapping[str, str], general: str = "") -> None:
        super().__init__(sorted(by_input))
        self.by_input = by_input
        self.general = general


class Answers(NamedTuple):
    """The values of a form by `block_id`: as typed now, as they were when it was opened, and which inputs it has."""

    typed: Mapping[str, str]
    initial: Mapping[str, str]
    labels: Mapping[str, str]


class Connection(NamedTuple):
    """The settings in a form: plain ones, and those that are named secrets."""

    settings: Mapping[str, JsonValue]
    secrets: Mapping[str, SecretRef]


def answers(view: View) -> Answers:
    """Everything that the form `view`, as Slack sends it, holds."""
    blocks = [block for block in _list(view.get("blocks")) if isinstance(block, Mapping)]
    inputs = [block for block in blocks if block.get("type") == "input"]
    state = _map(_map(view.get("state")).get("values"))
    typed = {
        str(block_id): _value(_map(element))
        for block_id, elements in state.items()
        for element in list(_map(elements).values())[:1]
    }
    initial = {str(block["block_id"]): _initial(_map(block.get("element"))) for block in inputs}
    if str(view.get("callback_id", "")).startswith("form:"):
        initial |= origin_of(view).seen
    labels = {str(block["block_id"]): str(_map(block.get("label")).get("text", "")) for block in inputs}
    return Answers(typed, initial, labels)


def chosen_type(view: View) -> tuple[str, str] | None:
    """The metadata id and the label of the type chosen in the form, if one is."""
    option = _chosen(view, "type", "type")
    return (str(option["value"]), str(_map(option.get("text")).get("text", ""))) if option else None


def chosen_space(view: View) -> Space | None:
    """The space chosen in the form, if one is."""
    option = _chosen(view, "space", "value")
    if not option:
        return None
    slug = str(_map(option.get("text")).get("text", ""))
    return Space(id=str(option["value"]), slug=slug, name=str(_map(option.get("description")).get("text", slug)))


def _chosen(view: View, block_id: str, action_id: str) -> Mapping[str, object]:
    values = _map(_map(view.get("state")).get("values"))
    return _map(_map(_map(values.get(block_id)).get(action_id)).get("selected_option"))


def connection(form: Answers, kind: WarehouseType, secrets: Sequence[str]) -> Connection:
    """The settings that are typed into the form, with what is empty left out.

    Raises:
        Problems: a line of the editor that can't be read.
    """
    settings: dict[str, JsonValue] = {
        key: value for key, value in _fields(form.typed, f"set:{kind.metadata_id}:").items() if value.strip()
    }
    refs = {
        key: SecretRef(name=name) for key, name in _fields(form.typed, f"secret:{kind.metadata_id}:").items() if name
    }
    block = f"more:{kind.metadata_id}"
    typed, named = _editor(form.typed.get(block, ""), block, secrets)
    filled = {key: value for key, value in typed.items() if value != ""}
    _demand_no_secrets({**settings, **filled}, form, kind)
    return Connection({**settings, **filled}, {**refs, **named})


def _demand_no_secrets(settings: Mapping[str, JsonValue], form: Answers, kind: WarehouseType) -> None:
    places = {key: f"set:{kind.metadata_id}:{key}" for key in settings}
    found = [key for key, value in settings.items() if isinstance(value, str) and looks_secret(value)]
    if found:
        blocks = [places[key] if places[key] in form.labels else f"more:{kind.metadata_id}" for key in found]
        raise Problems({block: f"{key}: {_TYPED}" for block, key in zip(blocks, found, strict=True)})


def new_warehouse(form: Answers, space: Space, kind: WarehouseType, secrets: Sequence[str]) -> Create:
    """The creation that the form asks for.

    Raises:
        Problems: by input.
    """
    found = connection(form, kind, secrets)
    name = form.typed.get("name", "").strip()
    problems = _name_problems(name)
    needed = {
        f"set:{kind.metadata_id}:{each.name}": each
        for each in kind.settings
        if each.required and not each.name_is_guess
    }
    for block, setting in needed.items():
        if block in form.labels and not form.typed.get(block, "").strip():
            problems[block] = f"{setting.label or setting.name} is needed."
    if problems:
        raise Problems(problems)
    return Create(
        space=space,
        metadata_id=kind.metadata_id,
        type_slug=kind.slug,
        type_name=kind.name,
        name=name,
        schema_name=form.typed.get("schema", "").strip() or None,
        enabled=form.typed.get("enabled") == "on",
        settings=found.settings,
        secrets=found.secrets,
        plain_keys=plain_keys(kind),
    )


def changed_warehouse(form: Answers, target: Target, kind: WarehouseType, secrets: Sequence[str]) -> Update:
    """The update that the form asks for: only what differs from what the form showed when it was opened.

    Raises:
        Problems: by input, or nothing differs.
    """
    now, before = _as_typed(form.typed, kind, secrets), _as_typed(form.initial, kind, secrets)
    settings = {key: value for key, value in now.settings.items() if value != before.settings.get(key, "")}
    name, schema = form.typed.get("name", "").strip(), form.typed.get("schema", "").strip()
    if name != form.initial.get("name", "").strip() and (problems := _name_problems(name)):
        raise Problems(problems)
    enabled = form.typed.get("enabled") == "on"
    _demand_no_secrets(settings, form, kind)
    update = Update(
        target=target.model_copy(update={"settings": {k: v for k, v in before.settings.items() if v != ""}}),
        name=name if name != form.initial.get("name", "").strip() else None,
        schema_name=_schema(schema, form.initial.get("schema", "")),
        enabled=enabled if enabled is not target.enabled else None,
        settings=settings,
        secrets=now.secrets,
        before={key: before.settings[key] for key in settings if key in before.settings},
        plain_keys=plain_keys(kind),
    )
    if update.nothing:
        raise Problems({}, "Nothing is changed yet, so nothing was sent. Change something, or cancel.")
    return update


def _as_typed(values: Mapping[str, str], kind: WarehouseType, secrets: Sequence[str]) -> Connection:
    # What is empty is kept: in an update, emptying a field is a change.
    block = f"more:{kind.metadata_id}"
    typed, named = _editor(values.get(block, ""), block, secrets)
    refs = {key: SecretRef(name=name) for key, name in _fields(values, f"secret:{kind.metadata_id}:").items() if name}
    return Connection({**_fields(values, f"set:{kind.metadata_id}:"), **typed}, {**refs, **named})


def located(errors: Sequence[FieldError], form: Answers, kind: WarehouseType) -> Problems:
    """Segment's complaints on the inputs they name; what names none of them is `general`."""
    by_input: dict[str, str] = {}
    general = []
    for error in errors:
        if block := _block_of(error.field or "", form, kind):
            by_input[block] = error.message or "Segment refused this."
        else:
            general.append(error.message or error.type)
    return Problems(by_input, flat("; ".join(general)))


def _block_of(field: str, form: Answers, kind: WarehouseType) -> str | None:
    key = field.removeprefix("settings.")
    own = {"name": "name", "schemaName": "schema", "schema": "schema", "metadataId": "type", "enabled": "enabled"}
    places = (own.get(field, ""), f"set:{kind.metadata_id}:{key}", f"secret:{kind.metadata_id}:{key}")
    if found := next((place for place in places if place in form.labels), None):
        return found
    editor = f"more:{kind.metadata_id}"
    return editor if field.startswith("settings") and editor in form.labels else None


def _schema(typed: str, initial: str) -> str | None:
    return typed if typed and typed != initial else None


def _name_problems(name: str) -> dict[str, str]:
    if not name:
        return {"name": "It needs a name."}
    return {"name": f"A name has up to 255 characters; this one has {len(name)}."} if len(name) > 255 else {}


def _fields(values: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {block[len(prefix) :]: value for block, value in values.items() if block.startswith(prefix)}


def _editor(text: str, block: str, secrets: Sequence[str]) -> tuple[dict[str, JsonValue], dict[str, SecretRef]]:
    settings: dict[str, JsonValue] = {}
    refs: dict[str, SecretRef] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        key, equals, value = (part.strip() for part in line.partition("="))
        if not equals or not _KEY.fullmatch(key):
            raise Problems({block: f"Line {number} is not key = value."})
        if key in settings or key in refs:
            raise Problems({block: f"{key} is there twice."})
        if value.startswith(_REF):
            refs |= _named(key, value.removeprefix(_REF).strip(), block, secrets)
        elif value and _SECRET_KEY.search(key):
            known = ", ".join(secrets[:10]) or "none is set"
            raise Problems({block: f"{key} looks like a secret. Write {key} = secret:NAME (names: {known})."})
        else:
            settings[key] = {"true": True, "false": False}.get(value, value)
    return settings, refs


def _named(key: str, name: str, block: str, secrets: Sequence[str]) -> dict[str, SecretRef]:
    if not name:
        return {}
    if name not in secrets:
        known = ", ".join(secrets[:10]) or "none is set"
        raise Problems({block: f"There is no secret {name[:80]} for {key}. Names: {known}."})
    return {key: SecretRef(name=name)}


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
