"""The Bolt app: answers at once, and knows who it is without asking Slack again."""

import logging

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

log = structlog.get_logger(__name__)


def create_bolt_app(client: AsyncWebClient, identity: AuthorizeResult, signing_secret: str | None) -> AsyncApp:
    """An app without listeners.

    `process_before_response` makes Bolt answer when the listener returns, instead of looking for its ack every 10 ms;
    so a listener only hands its work on and acks.
    """

    async def authorize() -> AuthorizeResult:
        return identity

    app = AsyncApp(
        client=client,
        authorize=authorize,
        signing_secret=signing_secret,
        process_before_response=True,
        logger=logging.getLogger("slack_bolt"),  # else Bolt takes the root's level, and its bodies with it
    )

    @app.error
    async def on_error(error: Exception) -> None:
        log.error("listener failed", error=type(error).__name__)

    return app
