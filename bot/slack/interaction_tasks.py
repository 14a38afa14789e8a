"""Background tasks on behalf of the person who clicked, typed or submitted something."""

from collections.abc import Awaitable

from bot.domain.errors import BotError
from bot.render.notices import render_notice
from bot.slack.background import BackgroundTasks
from bot.slack.messenger import Interaction, Messenger


class InteractionTasks:
    """Runs jobs in the background, and reports their errors privately to the person who caused them."""

    def __init__(self, messenger: Messenger, background_tasks: BackgroundTasks) -> None:
        self._messenger = messenger
        self._background_tasks = background_tasks

    def start(self, interaction: Interaction, job: Awaitable[None], name: str) -> None:
        """Run `job` in a background task; report every error to the person."""
        self._background_tasks.spawn(self._run(interaction, job), name)

    def report_error(self, interaction: Interaction, error: BotError, name: str) -> None:
        """Send `error` to the person, in a background task."""
        self._background_tasks.spawn(self._messenger.send_error(interaction, error), name)

    async def _run(self, interaction: Interaction, job: Awaitable[None]) -> None:
        try:
            await job
        except BotError as error:
            await self._messenger.send_error(interaction, error)
        except Exception:
            await self._messenger.reply_privately(
                interaction, render_notice("Something went wrong inside the bot; its log says where.")
            )
            raise
