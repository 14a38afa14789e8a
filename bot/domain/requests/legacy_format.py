"""Upgrade of requests that older versions of the bot stored, so that none of them is lost."""

from collections.abc import Mapping

from pydantic import TypeAdapter

from bot.domain.changes.change import Change
from bot.domain.policy import Action, actions_of

_CHANGE: TypeAdapter[Change] = TypeAdapter(Change)

#: Older versions treated a change as one action: the first of these that it contains.
_ACTION_PRECEDENCE = (Action.CREATE, Action.DELETE, Action.DISABLE, Action.UPDATE, Action.ENABLE, Action.RENAME)


def upgrade_request(data: object) -> object:
    """Return the fields of a stored request in today's format; fields that are current already stay as they are.

    Older versions stored one number of approvals, `needed`, and the mentions of the approvers, `asked_of`. They become
    the requirement of one action. When the request is next revalidated, the current policy adds the other requirements.
    """
    if not isinstance(data, Mapping) or "needed" not in data:
        return data
    fields = dict(data)
    needed, approvers = fields.pop("needed"), fields.pop("asked_of", "nobody")
    if needed:
        actions = actions_of(_CHANGE.validate_python(fields["change"]))
        action = next(each for each in _ACTION_PRECEDENCE if each in actions)
        fields["requirements"] = ({"action": action, "approvals": needed, "approvers": approvers},)
    return fields
