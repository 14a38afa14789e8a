"""What a person typed into a form, read back into a change; or what is wrong with it, by input."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from pydantic import JsonValue, SecretStr

from bot.domain.changes.change import Create, Target, Update
from bot.domain.redaction.detection.detector import looks_secret
from bot.domain.redaction.settings import labels_of, plain_keys
from bot.domain.segment_errors import FieldError
from bot.domain.text import one_line
from bot.domain.warehouses import SecretRef, Space, WarehouseType
from bot.render.forms import View, origin_of
from bot.render.mrkdwn import flat
from bot.render.secret_fields import label_of
from bot.render.setting_fields import in_form
from bot.render.settings_editor import Problems, read_lines

_TYPED_FIELD = "typed:"
_TYPED = "it looks like a secret, and Slack keeps what is typed. Keep it where the bot's secrets are, and name it."


#: What was handed over for a form, by the key of its setting.
Handed = Mapping[str, SecretRef]

_NONE: Handed = MappingProxyType({})


class Answers(NamedTuple):
    """The values of a form by `block_id`: as typed now, as they were when it was opened, and which inputs it has.

    What is typed into a field for a secret is left out; `typed_secrets` has that.
    """

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
        if not str(block_id).startswith(_TYPED_FIELD)
    }
    initial = {str(block["block_id"]): _initial(_map(block.get("element"))) for block in inputs}
    if str(view.get("callback_id", "")).startswith("form:"):
        initial |= origin_of(view).seen
    labels = {str(block["block_id"]): str(_map(block.get("label")).get("text", "")) for block in inputs}
    return Answers(typed, initial, labels)


def typed_secrets(view: View, kind: WarehouseType) -> Mapping[str, SecretStr]:
    """The secrets that are typed into the form, by the key of their setting."""
    values, prefix = _map(_map(view.get("state")).get("values")), f"{_TYPED_FIELD}{kind.metadata_id}:"
    fields = {str(block)[len(prefix) :]: each for block, each in values.items() if str(block).startswith(prefix)}
    texts = {key: _value(_map(_map(elements).get("value"))) for key, elements in fields.items()}
    return {key: SecretStr(text) for key, text in texts.items() if text.strip()}


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


def connection(form: Answers, kind: WarehouseType, secrets: Sequence[str], handed: Handed = _NONE) -> Connection:
    """The settings that are typed into the form, with what is empty left out.

    `secrets` are the names to choose from, `handed` what was handed over for the form.

    Raises:
        Problems: a line of the editor that can't be read.
    """
    settings: dict[str, JsonValue] = {
        key: value for key, value in _fields(form.typed, f"set:{kind.metadata_id}:").items() if value.strip()
    }
    block = f"more:{kind.metadata_id}"
    typed, named = read_lines(form.typed.get(block, ""), block, secrets)
    refs = _chosen_secrets(form.typed, kind)
    filled = {key: value for key, value in typed.items() if value != ""}
    _demand_no_secrets({**settings, **filled}, form, kind)
    return Connection({**settings, **filled}, {**refs, **named, **handed})


def _demand_no_secrets(settings: Mapping[str, JsonValue], form: Answers, kind: WarehouseType) -> None:
    places = {key: f"set:{kind.metadata_id}:{key}" for key in settings}
    found = [key for key, value in settings.items() if isinstance(value, str) and looks_secret(value)]
    if found:
        blocks = [places[key] if places[key] in form.labels else f"more:{kind.metadata_id}" for key in found]
        raise Problems({block: f"{key}: {_TYPED}" for block, key in zip(blocks, found, strict=True)})


def new_warehouse(
    form: Answers, space: Space, kind: WarehouseType, secrets: Sequence[str], handed: Handed = _NONE
) -> Create:
    """The creation that the form asks for. `secrets` and `handed` are as in `connection`.

    Raises:
        Problems: by input.
    """
    found = connection(form, kind, secrets, handed)
    name = form.typed.get("name", "").strip()
    problems = _name_problems(name)
    needed = {
        f"set:{kind.metadata_id}:{each.name}": each
        for each in kind.settings
        if each.required and not each.name_is_guess
    }
    for block, setting in needed.items():
        if block in form.labels and not form.typed.get(block, "").strip():
            problems[block] = f"{label_of(setting)} is needed."
    general = _absent(form, kind, found.secrets, problems)
    if problems or general:
        raise Problems(problems, general)
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
        labels=labels_of(kind),
    )


def _absent(form: Answers, kind: WarehouseType, given: Handed, problems: dict[str, str]) -> str:
    """Add to `problems` the secrets that are needed and not there; what has no input to say it at is returned."""
    general = []
    for each in kind.settings:
        if each.secret and in_form(each) and each.required and each.name not in given:
            says = f"{label_of(each)} is needed."
            block = _block_of(each.name, form, kind)
            if block:
                problems[block] = says
            else:
                general.append(says)
    return flat(" ".join(general))


def changed_warehouse(
    form: Answers, target: Target, kind: WarehouseType, secrets: Sequence[str], handed: Handed = _NONE
) -> Update:
    """The update that the form asks for: only what differs from what the form showed when it was opened.

    `secrets` and `handed` are as in `connection`.

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
        secrets={**now.secrets, **handed},
        before={key: before.settings[key] for key in settings if key in before.settings},
        plain_keys=plain_keys(kind),
        labels=labels_of(kind),
    )
    if update.nothing:
        raise Problems({}, "Nothing is changed yet, so nothing was sent. Change something, or cancel.")
    return update


def _as_typed(values: Mapping[str, str], kind: WarehouseType, secrets: Sequence[str]) -> Connection:
    # What is empty is kept: in an update, emptying a field is a change.
    block = f"more:{kind.metadata_id}"
    typed, named = read_lines(values.get(block, ""), block, secrets)
    settings = {**_fields(values, f"set:{kind.metadata_id}:"), **typed}
    return Connection(settings, {**_chosen_secrets(values, kind), **named})


def _chosen_secrets(values: Mapping[str, str], kind: WarehouseType) -> dict[str, SecretRef]:
    chosen = {key: SecretRef(name=name) for key, name in _fields(values, f"secret:{kind.metadata_id}:").items() if name}
    # What somebody handed over is on no menu; whoever sends its name has forged the form.
    return {key: ref for key, ref in chosen.items() if not ref.way}


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


def on_fields(keys: Sequence[str], says: str, form: Answers, kind: WarehouseType) -> Problems:
    """What is wrong with the fields of a change by their keys: `says`, on the inputs that they were typed into."""
    own = {key: key for key in ("name", "schema", "reason") if key in form.labels}
    blocks = [own.get(key) or _block_of(f"settings.{key}", form, kind) for key in keys]
    return Problems({block: says for block in blocks if block}, "" if all(blocks) else says)


def _block_of(field: str, form: Answers, kind: WarehouseType) -> str | None:
    key = field.removeprefix("settings.")
    own = {"name": "name", "schemaName": "schema", "schema": "schema", "metadataId": "type", "enabled": "enabled"}
    of_kind = [f"{prefix}:{kind.metadata_id}:{key}" for prefix in ("set", "secret", "typed")]
    places = (own.get(field, ""), *of_kind)
    if found := next((place for place in places if place in form.labels), None):
        return found
    editor = f"more:{kind.metadata_id}"
    return editor if field.startswith("settings") and editor in form.labels else None


def _schema(typed: str, initial: str) -> str | None:
    return typed if typed and typed != initial else None


def _name_problems(name: str) -> dict[str, str]:
    if not one_line(name):
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
