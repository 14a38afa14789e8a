"""The App Home tab."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.domain.errors import NotAllowed
from bot.domain.policy import may_read_requests
from bot.render.forms import View
from bot.render.home import closed_home_view, home_view
from bot.services.admission import Admission
from bot.services.ports import Now, Requests
from bot.slack.background import Work
from bot.slack.messenger import Voice
from bot.slack.payloads import home_of


class Home:
    """Draws a person's Home when they open it."""

    def __init__(self, requests: Requests, admission: Admission, voice: Voice, now: Now) -> None:
        self._requests = requests
        self._admission = admission
        self._voice = voice
        self._now = now

    async def show(self, user: str, team: str | None) -> None:
        """Publish the Home of `user`; nobody but members sees requests in it. Raises SlackFailed."""
        await self._voice.publish(user, await self._view(user, team))

    async def _view(self, user: str, team: str | None) -> View:
        try:
            await self._admission.demand(may_read_requests, user, team, "open home")
        except NotAllowed as error:
            return closed_home_view(error.reason)
        requests = await self._requests.open()
        return home_view(requests, await self._voice.links(requests), self._now())


def register(app: AsyncApp, home: Home, work: Work) -> None:
    """Draw the Home whenever somebody opens it."""

    @app.event("app_home_opened")
    async def on_home(body: Mapping[str, Any]) -> None:
        opened = home_of(body)
        if opened.event.tab == "home":
            work.spawn(home.show(opened.event.user, opened.team_id), "home")
