"""Store and carry out the requests that commands, buttons, dialogs and forms make."""

from bot.domain.changes.change import Change
from bot.domain.frozen_model import FrozenModel
from bot.domain.requests.request import Request, StoredRequest
from bot.services.access_control import AccessControl
from bot.services.approvals import Approvals
from bot.services.reconciler import Reconciler
from bot.slack.messenger import Interaction


class ChangeRequester:
    """Makes requests in the name of the person who clicked, typed or submitted something."""

    def __init__(self, access: AccessControl, approvals: Approvals, reconciler: Reconciler) -> None:
        self._access = access
        self._approvals = approvals
        self._reconciler = reconciler

    async def get_request(
        self, interaction: Interaction, request_id: str, action: str, *change_types: type[FrozenModel]
    ) -> StoredRequest:
        """Return the request that a button to `action` names.

        Raises:
            RequestClosed: there is no such request about one of `change_types`; the attempt is in the audit log.
        """
        return await self._approvals.get_request(request_id, interaction.user_id, action, *change_types)

    async def store(
        self,
        interaction: Interaction,
        change: Change,
        reason: str,
        *,
        again_of: Request | None = None,
        follows: Request | None = None,
    ) -> StoredRequest:
        """Store the person's request for `change`, and leave carrying it out to the caller.

        `again_of` is the ended request that this one repeats; `follows` is the one that it undoes or recreates.

        Raises:
            BotError: as `Approvals.request` does.
        """
        return await self._approvals.request(
            change,
            await self._access.get_actor(interaction.user_id, interaction.team_id),
            interaction.channel_id,
            interaction.idempotency_key,
            reason,
            interaction.view_id,
            again_of=again_of,
            follows=follows,
        )

    async def request(
        self, interaction: Interaction, change: Change, reason: str, *, again_of: Request | None = None
    ) -> StoredRequest:
        """Store the person's request for `change`, and reconcile it. Raises BotError, as `store` does."""
        stored = await self.store(interaction, change, reason, again_of=again_of)
        return await self._reconciler.reconcile(stored.request.id)
