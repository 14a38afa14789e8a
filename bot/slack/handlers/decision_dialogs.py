"""The dialogs in which a request is approved, denied, or run without approval."""

from collections.abc import Mapping

from bot.domain.requests.request import StoredRequest
from bot.domain.requests.transitions import Approve, BreakGlass, Deny
from bot.render.dialogs import DialogContext, render_approve_dialog, render_break_glass_dialog, render_deny_dialog
from bot.services.access_control import AccessControl
from bot.services.approvals import Approvals, Vote
from bot.slack.messenger import Interaction, Messenger

_VOTES: Mapping[str, type[Vote]] = {"approve": Approve, "deny": Deny, "glass": BreakGlass}
_RENDERERS = {"approve": render_approve_dialog, "deny": render_deny_dialog, "glass": render_break_glass_dialog}

#: The acts of these dialogs, as in their callback ids.
DECISION_ACTS = tuple(_VOTES)


class DecisionDialogHandler:
    """Opens the dialogs, and stores the decision typed into them."""

    def __init__(self, approvals: Approvals, access: AccessControl, messenger: Messenger) -> None:
        self._approvals = approvals
        self._access = access
        self._messenger = messenger

    async def open(self, act: str, request_id: str, interaction: Interaction) -> None:
        """Open the dialog for `act`, if the person may decide the request so. Raises BotError."""
        actor = await self._access.get_actor(interaction.user_id, interaction.team_id)
        request = await self._approvals.check_can_vote(request_id, actor, _VOTES[act])
        context = DialogContext.model_validate(
            {"act": act, "channel": interaction.channel_id, "hook": interaction.response_url, "request_id": request_id}
        )
        await self._messenger.open_modal(interaction, _RENDERERS[act](request, context))

    async def store(self, context: DialogContext, values: Mapping[str, str], interaction: Interaction) -> StoredRequest:
        """Store the decision with the typed reason and name. Raises BotError."""
        actor = await self._access.get_actor(interaction.user_id, interaction.team_id)
        reason, typed_name = values.get("reason", ""), values.get("name")
        match context.act:
            case "approve":
                return await self._approvals.approve(context.request_id, actor, typed_name)
            case "deny":
                return await self._approvals.deny(context.request_id, actor, reason)
            case _:
                return await self._approvals.break_glass(context.request_id, actor, reason, typed_name)
