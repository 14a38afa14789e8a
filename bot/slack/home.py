"""The App Home tab."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.render.home import home_view
from bot.services.ports import Now, Requests
from bot.slack.voice import Voice
from bot.slack.work import Work


class Home:
    """Draws a person's Home when they open it."""

    def __init__(self, requests: Requests, voice: Voice, now: Now) -> None:
        self._requests = requests
        self._voice = voice
        self._now = now

    async def show(self, user: str) -> None:
        """Publish the Home of `user`. Raises SlackFailed."""
        await self._voice.publish(user, home_view(await self._requests.open(), self._now()))


def register(app: AsyncApp, home: Home, work: Work) -> None:
    """Draw the Home whenever somebody opens it."""

    @app.event("app_home_opened")
    async def on_home(event: Mapping[str, Any]) -> None:
        if event.get("tab") == "home":
            work.spawn(home.show(event["user"]), "home")
