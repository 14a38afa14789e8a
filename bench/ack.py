"""Measure how fast the bot acknowledges /warehouse, through Bolt and the real listener.

There is no network: the payload is dispatched in this process, and signed and verified like a real one.
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


class NullCommandHandler:
    """Does nothing for a command, so that only the acknowledgement is timed."""

    async def run_text(self, text: str, interaction: Interaction) -> None:
        """Do nothing."""


def build_signed_request() -> AsyncBoltRequest:
    """Build a /warehouse payload with Slack's signature."""
    body, timestamp = urlencode(FIELDS), str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": f"v0={digest}",
    }
    return AsyncBoltRequest(body=body, headers=headers)


async def measure(app: AsyncApp) -> list[float]:
    """Return the milliseconds from payload to acknowledgement for each round."""
    durations = []
    for _ in range(ROUNDS):
        request = build_signed_request()
        started_at = time.perf_counter()
        response = await app.async_dispatch(request)
        durations.append((time.perf_counter() - started_at) * 1000)
        assert response.status == 200
    return durations


async def main() -> None:
    """Print the median and the 99th percentile."""
    identity = AuthorizeResult(enterprise_id=None, team_id="T0DEMO", bot_user_id="U0BOT", bot_token="xoxb-none")
    app = create_bolt_app(AsyncWebClient(token="xoxb-none"), identity, SECRET)
    commands.register_listeners(app, NullCommandHandler(), BackgroundTasks())  # type: ignore[arg-type]  # it has the method that the listener calls
    await measure(app)  # warm-up
    durations = sorted(await measure(app))
    p99 = durations[int(len(durations) * 0.99)]
    print(f"ack of /warehouse: median {statistics.median(durations):.3f} ms, p99 {p99:.3f} ms")


if __name__ == "__main__":
    asyncio.run(main())
