"""The App Home tab."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.domain.errors import NotAllowed
from bot.domain.policy import may_view_requests
from bot.render.forms import View
from bot.render.home import render_closed_home, render_home
from bot.services.admission import AccessControl
from bot.services.ports import Now, RequestStore
from bot.slack.background import BackgroundTasks
from bot.slack.messenger import Messenger
from bot.slack.payloads import parse_app_home_opened


class HomeHandler:
    """Draws a person's Home when they open it."""

    def __init__(self, requests: RequestStore, admission: AccessControl, voice: Messenger, now: Now) -> None:
        self._requests = requests
        self._admission = admission
        self._voice = voice
        self._now = now

    async def publish_home(self, user: str, team: str | None) -> None:
        """Publish the Home of `user`; nobody but members sees requests in it. Raises SlackFailed."""
        await self._voice.publish_home(user, await self._view(user, team))

    async def _view(self, user: str, team: str | None) -> View:
        try:
            await self._admission.require_permission(may_view_requests, user, team, "open home")
        except NotAllowed as error:
            return render_closed_home(error.reason)
        requests = await self._requests.list_open()
        return render_home(requests, await self._voice.get_permalinks(requests), self._now())


def register_listeners(app: AsyncApp, home: HomeHandler, work: BackgroundTasks) -> None:
    """Draw the Home whenever somebody opens it."""

    @app.event("app_home_opened")
    async def on_home(body: Mapping[str, Any]) -> None:
        opened = parse_app_home_opened(body)
        if opened.event.tab == "home":
            work.spawn(home.publish_home(opened.event.user, opened.team_id), "home")
