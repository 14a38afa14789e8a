"""Describe the change of a request, one line per item, and differences of values."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from bot.domain.changes.change import Change, Create, Delete, Update, change_verb
from bot.domain.changes.diff import Difference, list_differences
from bot.domain.destinations import get_host_setting
from bot.domain.redaction.settings import mask_value, redact_value
from bot.domain.requests.request import Request
from bot.domain.warehouses import SecretRef
from bot.render.mrkdwn import code, code_in_full, escape, format_sync_state, trim_common_prefix


def change_noun(change: Change) -> str:
    """Return the noun for a change, such as deletion or update."""
    nouns = {"create": "creation", "enable": "enabling", "disable": "disabling", "delete": "deletion"}
    return nouns.get(change_verb(change), "update")


def describe_change(request: Request) -> Sequence[str]:
    """Return the lines of a change, the host first; none for a deletion."""
    match request.change:
        case Create() as change:
            return _describe_creation(change)
        case Update() as change:
            return _describe_update(change)
        case Delete():
            return []


def redact_host(change: Change) -> str:
    """Return the host that a creation, or an update of settings or credentials, connects to, redacted.

    Empty if the change sends neither settings nor credentials, or no setting names a host.
    """
    if isinstance(change, Delete) or not (isinstance(change, Create) or change.settings or change.secrets):
        return ""
    key = get_host_setting(_type_slug(change))
    kept: Mapping[str, JsonValue] = {} if isinstance(change, Create) else change.target.settings
    return redact_value(key, {**kept, **change.settings}.get(key), change.plain_keys)


def format_difference(each: Difference) -> str:
    """Return a difference with its old and new value, both truncated."""
    before, after = (code(value) if value else "_nothing_" for value in trim_common_prefix(each.before, each.after))
    return f"{escape(each.what)} {before} → {after}"


def limit_lines(lines: Sequence[str], most: int) -> Sequence[str]:
    """Return the first of `lines` within `most` characters in all, and a last line that counts the omitted ones."""
    kept: list[str] = []
    for line in lines:
        if sum(map(len, kept)) + len(kept) + len(line) > most:
            break
        kept.append(line)
    more = len(lines) - len(kept)
    omitted = f"and {more} more {'line' if more == 1 else 'lines'}, for which there is no room here"
    return [*kept, omitted] if more else lines


def _describe_creation(change: Create) -> Sequence[str]:
    lines = {key: _describe_setting(change, key, value) for key, value in change.settings.items()}
    host = lines.pop(get_host_setting(change.type_slug), "")
    schema = code_in_full(change.schema_name) if change.schema_name else "_as Segment names it_"
    return [
        *([host] if host else []),
        f"Type {escape(change.type_name)}",
        f"Schema {schema}",
        f"Sync {format_sync_state(change.enabled)}",
        *lines.values(),
        *_describe_secrets(change),
    ]


def _describe_setting(change: Create, key: str, value: JsonValue) -> str:
    shown = redact_value(key, value, change.plain_keys)
    return f"{_label(change, key)} {f'_{shown}_' if shown == mask_value(value) else code_in_full(shown)}"


def _describe_update(change: Update) -> Sequence[str]:
    key = get_host_setting(_type_slug(change))
    found = sorted(list_differences(change), key=lambda each: each.what != change.labels.get(key, key))
    lines = [_format_difference_in_full(each) for each in found] + [*_describe_secrets(change)]
    if key not in change.settings and (stays := redact_host(change)):
        lines.insert(0, f"{_label(change, key)} {code_in_full(stays)} _stays_")
    same = len(change.target.settings.keys() - change.settings.keys() - {"name"})
    if same and not change.is_toggle:
        lines.append("1 setting stays as it is" if same == 1 else f"{same} settings stay as they are")
    return lines


def _format_difference_in_full(each: Difference) -> str:
    before, after = (code_in_full(value) if value else "_nothing_" for value in (each.before, each.after))
    return f"{escape(each.what)} {before} → {after}"


def _describe_secrets(change: Create | Update) -> Sequence[str]:
    return [f"{_label(change, key)} → {_describe_source(ref)}" for key, ref in change.secrets.items()]


def _describe_source(ref: SecretRef) -> str:
    match ref.one_time_source:
        case "page":
            return "entered on a one-time page"
        case "typed":
            return "typed into Slack"
        case _:
            return f"secret {code(ref.name)}"


def _label(change: Create | Update, key: str) -> str:
    return escape(change.labels.get(key, key))


def _type_slug(change: Create | Update) -> str:
    return change.type_slug if isinstance(change, Create) else change.target.type_slug
