"""What a request asks for, a line each, and what differs from what was there."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from bot.domain.changes.change import Change, Create, Delete, Update, verb
from bot.domain.changes.diff import Difference, differences
from bot.domain.destinations import host_setting
from bot.domain.redaction.settings import mask, told
from bot.domain.requests.request import Request
from bot.domain.warehouses import SecretRef
from bot.render.mrkdwn import code, contrasted, escape, on, whole


def act_of(change: Change) -> str:
    """The noun for the act, such as deletion or update."""
    nouns = {"create": "creation", "enable": "enabling", "disable": "disabling", "delete": "deletion"}
    return nouns.get(verb(change), "update")


def changes_of(request: Request) -> Sequence[str]:
    """What is asked for, a line each, the host first; nothing for a deletion."""
    match request.change:
        case Create() as change:
            return _created(change)
        case Update() as change:
            return _updated(change)
        case Delete():
            return []


def host_of(change: Change) -> str:
    """Where a creation, or an update of settings or credentials, leads: the setting's value as it may be told.

    Empty where nothing of that is sent, or no setting names a host.
    """
    if isinstance(change, Delete) or not (isinstance(change, Create) or change.settings or change.secrets):
        return ""
    key = host_setting(_slug(change))
    kept: Mapping[str, JsonValue] = {} if isinstance(change, Create) else change.target.settings
    return told(key, {**kept, **change.settings}.get(key), change.plain_keys)


def difference(each: Difference) -> str:
    """One thing that differs, with its old and new value, both cut to size."""
    before, after = (code(value) if value else "_nothing_" for value in contrasted(each.before, each.after))
    return f"{escape(each.what)} {before} → {after}"


def within(lines: Sequence[str], most: int) -> Sequence[str]:
    """As many of `lines` as have `most` characters together; a last line tells how many more there are."""
    kept: list[str] = []
    for line in lines:
        if sum(map(len, kept)) + len(kept) + len(line) > most:
            break
        kept.append(line)
    more = len(lines) - len(kept)
    told_more = f"and {more} more {'line' if more == 1 else 'lines'}, for which there is no room here"
    return [*kept, told_more] if more else lines


def _created(change: Create) -> Sequence[str]:
    lines = {key: _setting(change, key, value) for key, value in change.settings.items()}
    host = lines.pop(host_setting(change.type_slug), "")
    schema = whole(change.schema_name) if change.schema_name else "_as Segment names it_"
    return [
        *([host] if host else []),
        f"Type {escape(change.type_name)}",
        f"Schema {schema}",
        f"Sync {on(change.enabled)}",
        *lines.values(),
        *_secrets(change),
    ]


def _setting(change: Create, key: str, value: JsonValue) -> str:
    shown = told(key, value, change.plain_keys)
    return f"{_label(change, key)} {f'_{shown}_' if shown == mask(value) else whole(shown)}"


def _updated(change: Update) -> Sequence[str]:
    key = host_setting(_slug(change))
    found = sorted(differences(change), key=lambda each: each.what != change.labels.get(key, key))
    lines = [_changed(each) for each in found] + [*_secrets(change)]
    if key not in change.settings and (stays := host_of(change)):
        lines.insert(0, f"{_label(change, key)} {whole(stays)} _stays_")
    same = len(change.target.settings.keys() - change.settings.keys() - {"name"})
    if same and not change.only_switches:
        lines.append("1 setting stays as it is" if same == 1 else f"{same} settings stay as they are")
    return lines


def _changed(each: Difference) -> str:
    before, after = (whole(value) if value else "_nothing_" for value in (each.before, each.after))
    return f"{escape(each.what)} {before} → {after}"


def _secrets(change: Create | Update) -> Sequence[str]:
    return [f"{_label(change, key)} → {_source(ref)}" for key, ref in change.secrets.items()]


def _source(ref: SecretRef) -> str:
    match ref.way:
        case "page":
            return "entered on a one-time page"
        case "typed":
            return "typed into Slack"
        case _:
            return f"secret {code(ref.name)}"


def _label(change: Create | Update, key: str) -> str:
    return escape(change.labels.get(key, key))


def _slug(change: Create | Update) -> str:
    return change.type_slug if isinstance(change, Create) else change.target.type_slug
