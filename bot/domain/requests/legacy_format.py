"""Requests that an older version of the bot stored, in today's shape. None of them is lost."""

from collections.abc import Mapping

from pydantic import TypeAdapter

from bot.domain.changes.change import Change
from bot.domain.policy import Action, actions_of

_CHANGE: TypeAdapter[Change] = TypeAdapter(Change)

#: The one action that an older version took a change for: the first of these that is in it.
_STRICTEST = (Action.CREATE, Action.DELETE, Action.DISABLE, Action.UPDATE, Action.ENABLE, Action.RENAME)


def upgrade_request(data: object) -> object:
    """The fields of a request: one number `needed`, `asked_of` some people, becomes the requirement of one action.

    The policy in force adds what else the change takes, as soon as the request is looked at again.
    """
    if not isinstance(data, Mapping) or "needed" not in data:
        return data
    fields = dict(data)
    needed, asked_of = fields.pop("needed"), fields.pop("asked_of", "nobody")
    if needed:
        actions = actions_of(_CHANGE.validate_python(fields["change"]))
        action = next(each for each in _STRICTEST if each in actions)
        fields["requirements"] = ({"action": action, "approvals": needed, "approvers": asked_of},)
    return fields
