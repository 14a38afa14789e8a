"""How long Slack waits for the bot's answer: /warehouse through Bolt, with the listeners as they are.

No network: the payload is dispatched in this process, signed and verified like a real one.
"""

import asyncio
import hashlib
import hmac
import statistics
import time
from urllib.parse import urlencode

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.app import create_bolt_app
from bot.slack.background import BackgroundTasks
from bot.slack.handlers import commands
from bot.slack.messenger import Interaction

SECRET = "not-a-secret"
ROUNDS = 2_000
FIELDS = {
    "command": "/warehouse",
    "text": "list",
    "user_id": "U0ALICE",
    "team_id": "T0DEMO",
    "channel_id": "C0OPS",
    "trigger_id": "1.2.3",
    "response_url": "http://127.0.0.1/",
}


class Nothing:
    """Takes a command and does nothing, so that the ack alone is timed."""

    async def run_text(self, text: str, interaction: Interaction) -> None:
        """Do nothing with it."""


def signed() -> AsyncBoltRequest:
    """A /warehouse payload as Slack signs it."""
    body, at = urlencode(FIELDS), str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": at,
        "x-slack-signature": f"v0={digest}",
    }
    return AsyncBoltRequest(body=body, headers=headers)


async def measure(app: AsyncApp) -> list[float]:
    """Milliseconds from payload to answer, once for each round."""
    took = []
    for _ in range(ROUNDS):
        request = signed()
        began = time.perf_counter()
        response = await app.async_dispatch(request)
        took.append((time.perf_counter() - began) * 1000)
        assert response.status == 200
    return took


async def main() -> None:
    """Print the median and the 99th percentile."""
    identity = AuthorizeResult(enterprise_id=None, team_id="T0DEMO", bot_user_id="U0BOT", bot_token="xoxb-none")
    app = create_bolt_app(AsyncWebClient(token="xoxb-none"), identity, SECRET)
    commands.register_listeners(app, Nothing(), BackgroundTasks())  # type: ignore[arg-type]  # it has what the listener calls
    await measure(app)
    took = sorted(await measure(app))
    print(f"ack of /warehouse: median {statistics.median(took):.3f} ms, p99 {took[int(len(took) * 0.99)]:.3f} ms")


if __name__ == "__main__":
    asyncio.run(main())
