"""What a request asks for, a line each, and what differs from what was there."""

from collections.abc import Sequence

from bot.domain.changes import Change, Create, Delete, Difference, Update, differences, verb
from bot.domain.requests import Request
from bot.domain.warehouses import SecretRef
from bot.render.mrkdwn import code, contrasted, escape


def act_of(change: Change) -> str:
    """The noun for the act, such as deletion or update."""
    nouns = {"create": "creation", "enable": "enabling", "disable": "disabling", "delete": "deletion"}
    return nouns.get(verb(change), "update")


def changes_of(request: Request) -> Sequence[str]:
    """What is asked for, a line each; nothing for a deletion."""
    match request.change:
        case Create() as change:
            return _created(change)
        case Update() as change:
            return _updated(change)
        case Delete():
            return []


def difference(each: Difference) -> str:
    """One thing that differs, with its old and new value."""
    before, after = (code(value) if value else "_nothing_" for value in contrasted(each.before, each.after))
    return f"{escape(each.what)} {before} → {after}"


def _created(change: Create) -> Sequence[str]:
    replaced = [f"{escape(key)} _{_from(ref)}" for key, ref in change.secrets.items()]
    parts = [f"{len(change.settings)} settings", *replaced, "sync on" if change.enabled else "sync *off*"]
    return [" · ".join(parts)]


def _from(ref: SecretRef) -> str:
    """Where a secret comes from, with the end of the emphasis that it begins in."""
    match ref.way:
        case "page":
            return "as entered on a one-time page_"
        case "typed":
            return "as typed into Slack_"
        case _:
            return f"from secret_ {code(ref.name)}"


def _updated(change: Update) -> Sequence[str]:
    lines = [difference(each) for each in differences(change)]
    lines += [f"{escape(key)} _replaced {_from(ref)}" for key, ref in change.secrets.items()]
    same = len(change.target.settings.keys() - change.settings.keys() - {"name"})
    if same and not change.only_switches:
        lines.append("1 setting stays as it is" if same == 1 else f"{same} settings stay as they are")
    return lines
