"""The App Home tab."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.domain.actors import Actor
from bot.domain.policy import may_enter, may_read_requests
from bot.render.forms import View
from bot.render.home import closed_home_view, home_view
from bot.services.ports import Directory, Now, Requests
from bot.slack.payloads import home_of
from bot.slack.voice import Voice
from bot.slack.work import Work


class Home:
    """Draws a person's Home when they open it."""

    def __init__(self, requests: Requests, directory: Directory, voice: Voice, now: Now) -> None:
        self._requests = requests
        self._directory = directory
        self._voice = voice
        self._now = now

    async def show(self, user: str) -> None:
        """Publish the Home of `user`; people of another company see no requests in it. Raises SlackFailed."""
        await self._voice.publish(user, await self._view(await self._directory.actor(user, None)))

    async def _view(self, actor: Actor) -> View:
        if refused := may_read_requests(actor).reason:
            return closed_home_view(refused)
        requests = await self._requests.open()
        return home_view(requests, await self._voice.links(requests), self._now(), may_enter(actor).reason)


def register(app: AsyncApp, home: Home, work: Work) -> None:
    """Draw the Home whenever somebody opens it."""

    @app.event("app_home_opened")
    async def on_home(body: Mapping[str, Any]) -> None:
        event = home_of(body).event
        if event.tab == "home":
            work.spawn(home.show(event.user), "home")
