"""The App Home tab."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.domain.errors import NotAllowed
from bot.domain.policy import may_view_requests
from bot.render.forms import View
from bot.render.home import render_closed_home, render_home
from bot.services.access_control import AccessControl
from bot.services.ports import Now, RequestStore
from bot.slack.background import BackgroundTasks
from bot.slack.messenger import Messenger
from bot.slack.payloads import parse_app_home_opened


class HomeHandler:
    """Publishes a person's App Home when they open it."""

    def __init__(self, requests: RequestStore, access: AccessControl, messenger: Messenger, now: Now) -> None:
        self._requests = requests
        self._access = access
        self._messenger = messenger
        self._now = now

    async def publish_home(self, user_id: str, team_id: str | None) -> None:
        """Publish the App Home of the person; only members see requests in it. Raises SlackFailed."""
        await self._messenger.publish_home(user_id, await self._render(user_id, team_id))

    async def _render(self, user_id: str, team_id: str | None) -> View:
        try:
            await self._access.require_permission(may_view_requests, user_id, team_id, "open home")
        except NotAllowed as error:
            return render_closed_home(error.reason)
        requests = await self._requests.list_open()
        return render_home(requests, await self._messenger.get_permalinks(requests), self._now())


def register_listeners(app: AsyncApp, home: HomeHandler, background_tasks: BackgroundTasks) -> None:
    """Listen for people who open the App Home."""

    @app.event("app_home_opened")
    async def on_home(body: Mapping[str, Any]) -> None:
        opened = parse_app_home_opened(body)
        if opened.event.tab == "home":
            background_tasks.spawn(home.publish_home(opened.event.user, opened.team_id), "home")
