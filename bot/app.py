"""Run the bot: open its connections, wire its components, receive payloads, and close everything in order."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime

import aiohttp
import structlog
from aiohttp import web
from pydantic import SecretStr
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import async_default_handlers
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.config.settings import Settings
from bot.domain.audit.keys import AuditKeys
from bot.domain.errors import StoreFailed
from bot.domain.redaction.scrubber import Scrubber
from bot.ops.file_modes import CheckedPaths, start_file_mode_check
from bot.segment.client import SegmentClient
from bot.services.ports import Now
from bot.slack.background import BackgroundTasks
from bot.slack.receivers import connect_socket_mode, create_http_receiver
from bot.slack.retries import ShortRateLimitRetryHandler
from bot.store.audit import AuditKeyRefused, AuditLog, introduce_key
from bot.store.database import (
    DatabaseInUse,
    DatabaseUnusable,
    check_connection,
    describe_error,
    find_sqlite_file,
    lock_sqlite_file,
    migrate,
    open_engine,
)
from bot.store.read_only import open_read_only
from bot.web.server import get_body, run_server
from bot.wiring import BotComponents, StartFailed, get_error_code, wire_bot

log = structlog.get_logger(__name__)

#: Seconds between two rounds of upkeep, which reconciles due requests and erases expired secrets.
_UPKEEP_INTERVAL = 5.0

#: Seconds that running tasks may take to end when the bot stops; hosts kill a process after 30.
_DRAIN_TIMEOUT = 25.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def run_bot(
    settings: Settings, scrubber: Scrubber, now: Now = _utc_now, receivers: Sequence[str] = ()
) -> AsyncIterator[None]:
    """Run the bot until the block ends, then finish the running tasks.

    The bot registers every secret that it reads with `scrubber`. `receivers` names the ways to receive payloads
    ("socket", "http"); empty means all that are configured.

    Raises:
        StartFailed: Slack or the database refuses what is configured.
    """
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(_open_database(settings))
        await _check_audit_key(engine, settings, now)
        segment = await stack.enter_async_context(SegmentClient(settings.segment_base_url, settings.segment_api_token))
        client = await stack.enter_async_context(_open_slack_client(settings))
        identity = await _fetch_identity(client)
        background_tasks = BackgroundTasks()
        components = await wire_bot(settings, scrubber, now, engine, segment, client, identity, background_tasks)
        stack.push_async_callback(background_tasks.drain, _DRAIN_TIMEOUT)
        stop = asyncio.Event()
        upkeep = asyncio.create_task(_run_upkeep(components, stop), name="upkeep")
        stack.push_async_callback(_stop_upkeep, upkeep, stop)
        await _start_http(stack, settings, components, receivers)
        await _start_socket_mode(stack, settings, components, receivers)
        yield


def watch_file_modes(settings: Settings) -> None:
    """Log a warning about files that more people than needed can read or change, and about running as root."""
    database = find_sqlite_file(settings.database_url.get_secret_value())
    start_file_mode_check(CheckedPaths(settings.env_file, settings.policy_file, database, settings.secrets_dir))


@asynccontextmanager
async def open_audit_log(url: SecretStr, keys: Sequence[SecretStr]) -> AsyncIterator[AuditLog]:
    """Open the audit log of the database at `url` for reading only; the bot may be running at the same time.

    Raises:
        StartFailed: the database can't be read.
    """
    try:
        async with open_read_only(url.get_secret_value()) as engine:
            yield AuditLog(engine, AuditKeys(keys))
    except DatabaseUnusable as error:
        raise StartFailed(f"DATABASE_URL: the database can't be used: {error}.") from error


async def _start_http(
    stack: AsyncExitStack, settings: Settings, components: BotComponents, receivers: Sequence[str]
) -> None:
    """Serve Slack's payloads and the one-time pages over HTTP; do nothing if neither is configured."""
    secret = settings.slack_signing_secret if not receivers or "http" in receivers else None
    if not secret and not components.secret_page:
        return
    app = create_http_receiver(components.dispatcher, secret, get_body) if secret else web.Application()
    if components.secret_page:
        components.secret_page.add_routes(app)
    try:
        port = await stack.enter_async_context(run_server(app, settings.host, settings.port))
    except OSError as error:
        raise StartFailed(f"PORT: {settings.port} can't be listened on ({error.strerror})") from error
    log.info("listening", port=port)


async def _start_socket_mode(
    stack: AsyncExitStack, settings: Settings, components: BotComponents, receivers: Sequence[str]
) -> None:
    """Connect to Socket Mode; do nothing if it is not configured."""
    if not settings.slack_app_token or (receivers and "socket" not in receivers):
        return
    token = settings.slack_app_token.get_secret_value()
    try:
        await stack.enter_async_context(connect_socket_mode(components.app, components.dispatcher, token))
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        raise StartFailed(f"SLACK_APP_TOKEN: Slack refuses it for Socket Mode ({get_error_code(error)})") from error
    log.info("connected", mode="socket")


@asynccontextmanager
async def _open_database(settings: Settings) -> AsyncIterator[AsyncEngine]:
    url = settings.database_url.get_secret_value()
    stack = ExitStack()
    try:
        stack.enter_context(lock_sqlite_file(url))
        engine = open_engine(url)
        await check_connection(engine)
        await migrate(engine)
    except DatabaseInUse:
        reason = "another process uses this SQLite file; several need postgresql://"
        raise StartFailed(f"DATABASE_URL: {reason}") from None
    except (DatabaseUnusable, SQLAlchemyError, OSError) as error:
        text = error if isinstance(error, DatabaseUnusable) else describe_error(error)
        raise StartFailed(f"DATABASE_URL: the database can't be used: {text}.") from error
    with stack:
        try:
            yield engine
        finally:
            await engine.dispose()


async def _check_audit_key(engine: AsyncEngine, settings: Settings, now: Now) -> None:
    try:
        await introduce_key(engine, AuditKeys(settings.audit_key), now())
    except AuditKeyRefused as error:
        raise StartFailed(f"{error} Nothing was started. docs/audit.md says more.") from error
    except StoreFailed as error:
        raise StartFailed("DATABASE_URL: the database does not answer") from error


@asynccontextmanager
async def _open_slack_client(settings: Settings) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(
            token=settings.slack_bot_token.get_secret_value(),
            base_url=settings.slack_api_url,
            timeout=10,
            session=session,
            # The default handlers retry after connection errors only.
            retry_handlers=[*async_default_handlers(), ShortRateLimitRetryHandler(max_retry_count=2)],
        )


async def _fetch_identity(client: AsyncWebClient) -> AuthorizeResult:
    try:
        answer = await client.auth_test()
    except SlackApiError as error:
        raise StartFailed(f"SLACK_BOT_TOKEN: Slack refuses it ({get_error_code(error)})") from error
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        raise StartFailed("SLACK_API_URL: Slack can't be reached") from error
    return AuthorizeResult(
        enterprise_id=answer.get("enterprise_id"),
        team_id=answer["team_id"],
        bot_user_id=answer["user_id"],
        bot_id=answer.get("bot_id"),
        bot_token=client.token,
    )


async def _run_upkeep(components: BotComponents, stop: asyncio.Event) -> None:
    while not stop.is_set():
        for run_step in (components.reconciler.reconcile_due, components.one_time_secrets.erase_expired):
            try:
                await run_step()
            except Exception as error:  # noqa: BLE001 - the next round repeats the step
                log.error("upkeep failed", error=type(error).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _UPKEEP_INTERVAL)


async def _stop_upkeep(upkeep: "asyncio.Task[None]", stop: asyncio.Event) -> None:
    stop.set()
    await asyncio.wait({upkeep}, timeout=_DRAIN_TIMEOUT)
    upkeep.cancel()
    await asyncio.gather(upkeep, return_exceptions=True)
