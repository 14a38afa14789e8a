"""The dialog in which a person says what happened to a request whose outcome the bot can't find out."""

from collections.abc import Mapping

from bot.domain.changes.change import Create, Delete
from bot.domain.errors import InvalidSecretValue, RequestClosed
from bot.domain.requests.request import Request, StoredRequest
from bot.render.dialogs import NOT_DONE, DialogContext, render_settle_dialog
from bot.render.forms import View
from bot.services.access_control import AccessControl
from bot.services.approvals import Approvals
from bot.services.verifier import Verifier
from bot.slack.handlers.modals import ModalOpener
from bot.slack.messenger import Interaction

_TITLE = "Settle"


class SettleDialogHandler:
    """Opens the dialog, and stores the chosen outcome if Segment does not contradict it."""

    def __init__(self, approvals: Approvals, verifier: Verifier, access: AccessControl, modals: ModalOpener) -> None:
        self._approvals = approvals
        self._verifier = verifier
        self._access = access
        self._modals = modals

    async def open(self, request_id: str, interaction: Interaction) -> None:
        """Open the dialog; it shows the refusal if the person may not settle the request."""

        async def render() -> View:
            actor = await self._access.get_actor(interaction.user_id, interaction.team_id)
            request = await self._approvals.check_can_settle(request_id, actor)
            candidates = await self._verifier.find_candidates(request)
            context = DialogContext(
                act="settle", channel=interaction.channel_id, hook=interaction.response_url, request_id=request_id
            )
            return render_settle_dialog(request, context, candidates)

        await self._modals.open_and_fill(interaction, _TITLE, render)

    async def store(self, context: DialogContext, values: Mapping[str, str], interaction: Interaction) -> StoredRequest:
        """Store the chosen outcome: the id of a warehouse, or that nothing was done. Raises BotError."""
        actor = await self._access.get_actor(interaction.user_id, interaction.team_id)
        outcome = values.get("outcome", "")

        async def verify(request: Request) -> None:
            await self._verify(request, outcome)

        warehouse_id = None if outcome == NOT_DONE else outcome
        return await self._approvals.settle(context.request_id, actor, warehouse_id, values.get("reason", ""), verify)

    async def _verify(self, request: Request, outcome: str) -> None:
        if not outcome:  # Slack may submit a required input that is empty (bolt-js #1317)
            raise InvalidSecretValue("Choose what happened. Nothing was done.")
        if outcome == NOT_DONE:
            return
        if not isinstance(request.change, Create) and outcome != request.change.target.id:
            raise RequestClosed("That is another warehouse than the request is about. Look again.")
        is_listed = outcome in {each.id for each in await self._verifier.find_candidates(request)}
        if isinstance(request.change, Delete) and is_listed:
            raise RequestClosed("Segment still lists it, so it is not deleted.")
        if not isinstance(request.change, Delete) and not is_listed:
            raise RequestClosed("Segment does not list that any more, or it belongs to another request. Look again.")
