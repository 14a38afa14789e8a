"""Create the Bolt app."""

import logging

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

log = structlog.get_logger(__name__)


def create_bolt_app(client: AsyncWebClient, identity: AuthorizeResult, signing_secret: str | None) -> AsyncApp:
    """Create an app without listeners, which uses `identity` instead of asking Slack for each payload.

    With `process_before_response`, Bolt responds when the listener returns, instead of polling for its ack every
    10 ms. So a listener only starts a background task and acknowledges.
    """

    async def authorize() -> AuthorizeResult:
        return identity

    app = AsyncApp(
        client=client,
        authorize=authorize,
        signing_secret=signing_secret,
        process_before_response=True,
        logger=logging.getLogger("slack_bolt"),  # otherwise Bolt logs payloads at the root logger's level
    )

    @app.error
    async def on_error(error: Exception) -> None:
        log.error("listener failed", error=type(error).__name__)

    return app
