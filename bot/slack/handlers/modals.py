"""Open modals in time, and update those that may have been closed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from bot.domain.errors import BotError, SlackFailed
from bot.domain.policy import check_membership
from bot.render.blocks import Message
from bot.render.forms import View, render_error_modal, render_loading_modal
from bot.render.notices import render_notice
from bot.render.phrases import format_error
from bot.services.access_control import AccessControl
from bot.slack.messenger import Interaction, Messenger

log = structlog.get_logger(__name__)

#: The `response_action` that answers a submitted modal; an empty one closes it.
ModalResponse = Mapping[str, Any]

_TOO_LATE = "Slack gives a form three seconds to open, and they were over. Ask again."


class ModalOpener:
    """Opens modals for members of the workspace."""

    def __init__(self, access: AccessControl, messenger: Messenger) -> None:
        self._access = access
        self._messenger = messenger

    async def open_and_fill(self, interaction: Interaction, title: str, render: Callable[[], Awaitable[View]]) -> None:
        """Open a loading modal at once, then show what `render` returns, or its BotError.

        A trigger id is valid for 3 s, which is too short to read from Segment first. Someone who is not a member sees
        the refusal, and the attempt is in the audit log.

        Raises:
            SlackFailed: Slack refuses the update for another reason than that the person has closed the modal.
        """
        try:
            view_id = await self._messenger.open_modal(interaction, render_loading_modal(title))
        except SlackFailed as error:
            log.warning("form not opened", user=interaction.user_id, code=error.code)
            await self._messenger.reply_privately(interaction, _render_failure(error))
            return
        try:
            action = f"open {title.casefold()}"
            await self._access.require_permission(check_membership, interaction.user_id, interaction.team_id, action)
            view = await render()
        except BotError as error:
            view = render_error_modal(title, error)
        try:
            await self._messenger.update_modal(view_id, view)
        except SlackFailed as error:
            if error.code != "not_found":  # Slack's code for a modal that the person has closed
                raise
            log.info("form closed", user=interaction.user_id)


async def ignore_closed_form(job: Awaitable[None]) -> None:
    """Run `job`, which updates a form; log it if Slack refuses because the form is closed or has changed."""
    try:
        await job
    except SlackFailed as error:
        log.info("form not updated", code=error.code)


def _render_failure(error: SlackFailed) -> Message:
    return render_notice(_TOO_LATE if "trigger" in error.code else format_error(error))
