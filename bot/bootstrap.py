"""Settings → a wired bot. The one room that knows all the others."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import aiohttp
import structlog
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import async_default_handlers
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.policy import Policy
from bot.domain.striking import Censor
from bot.secrets.access import AppRole, Kubernetes, Login, Token, VaultAccess
from bot.secrets.calls import NoPlace
from bot.secrets.learning import Learning
from bot.secrets.opening import open_secrets
from bot.secrets.several import Several
from bot.segment.catalog import known_catalog
from bot.segment.client import SegmentClient
from bot.services.asking import Asking
from bot.services.checks import Checks
from bot.services.connections import Connections
from bot.services.driver import SETTLE, Driver
from bot.services.execution import Execution
from bot.services.looking import Looking
from bot.services.ports import Now
from bot.settings import Settings
from bot.slack import actions, commands, decisions, dialogs, forms, home, submissions
from bot.slack.app import bolt
from bot.slack.cards import SlackCards
from bot.slack.directory import SlackDirectory, group_ids
from bot.slack.retries import ShortWaits
from bot.slack.transport import signed_http, socket_mode
from bot.slack.voice import Voice
from bot.slack.work import Work
from bot.store.audit import AuditTrail
from bot.store.database import InUse, migrate, open_engine, sole_use
from bot.store.requests import RequestStore

log = structlog.get_logger(__name__)

#: Seconds between two looks for requests that something is due for.
_UPKEEP_EVERY = 5.0

#: Seconds that work under way may take to end when the bot is stopped; hosts kill after 30.
_DRAIN = 25.0


class StartFailed(Exception):
    """The bot can't start; the text says which variable to look at and what it wants, and holds no value."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def running(
    settings: Settings, censor: Censor, now: Now = _utc_now, receive: Sequence[str] = ()
) -> AsyncIterator[None]:
    """The bot, connected, for as long as the block runs; at its end, work under way is finished.

    `censor` learns every secret that the bot gets to know, and keeps them from leaving. `receive` names the ways in
    ("socket", "http"); empty means those that are configured.

    Raises:
        StartFailed: Slack or the database refuses what is configured.
    """
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(_database(settings))
        segment = await stack.enter_async_context(SegmentClient(settings.segment_url, settings.segment_api_token))
        client = await stack.enter_async_context(_slack(settings))
        identity = await _identity(client)
        work = Work()
        app, driver = await _wire(settings, censor, now, engine, segment, client, identity, work)
        stack.push_async_callback(work.drain, _DRAIN)
        stop = asyncio.Event()
        upkeep = asyncio.create_task(_upkeep(driver, stop), name="upkeep")
        stack.push_async_callback(_stop, upkeep, stop)
        await _receive(stack, settings, app, receive)
        yield


@asynccontextmanager
async def audit_trail(url: SecretStr) -> AsyncIterator[AuditTrail]:
    """The audit trail of the database at `url`; the bot may run beside it.

    Raises:
        StartFailed: the database can't be used.
    """
    engine = open_engine(url.get_secret_value())
    try:
        await migrate(engine)
    except (SQLAlchemyError, OSError) as error:
        await engine.dispose()
        raise StartFailed(f"DATABASE_URL: the database can't be used ({type(error).__name__})") from error
    try:
        yield AuditTrail(engine)
    except SQLAlchemyError as error:
        raise StartFailed(f"DATABASE_URL: the database failed ({type(error).__name__})") from error
    finally:
        await engine.dispose()


async def _wire(
    settings: Settings,
    censor: Censor,
    now: Now,
    engine: AsyncEngine,
    segment: SegmentClient,
    client: AsyncWebClient,
    identity: AuthorizeResult,
    work: Work,
) -> tuple[AsyncApp, Driver]:
    policy, pace = await _looked_up(client, settings.written.policy), settings.written.pace
    groups = frozenset(name for name in policy.names if name.startswith("S"))
    directory = SlackDirectory(client, str(identity.team_id), groups, work)
    store, held = RequestStore(engine, censor), Learning(await _secrets(settings), censor)
    checks = Checks(segment, now, known_catalog().types, settings.segment_spaces)
    voice = Voice(client, censor)
    alone = engine.dialect.name == "sqlite"  # which `sole_use` holds for this process
    looking = Looking(store, checks, now, pace.look_again)
    execution = Execution(store, segment, checks, held, looking, now, _worker(), pace.lease, alone=alone)
    settle = timedelta(0) if alone else SETTLE
    driver = Driver(store, execution, checks, SlackCards(voice), now, settings.approvals_channel, settle)
    asking, connections = Asking(store, policy, directory, now, held), Connections(segment, held, policy)
    opened = forms.Forms(checks, connections, asking, directory, voice)
    submitted = submissions.Submissions(asking, driver, directory, opened, voice, work)
    small = dialogs.Dialogs(asking, store, checks, driver, directory, opened, submitted, looking, voice, work, now)
    spoken = commands.Commands(checks, asking, driver, store, directory, opened, small, voice, work, now)
    decided = decisions.Decisions(asking, store, driver, directory, small, voice, work)

    secret = settings.slack_signing_secret
    app = bolt(client, identity, secret.get_secret_value() if secret else None)
    commands.register(app, spoken, work)
    forms.register(app, opened, work)
    submissions.register(app, submitted)
    dialogs.register(app, small)
    decisions.register(app, decided)
    actions.register(app, actions.Pages(spoken, voice), spoken, directory, voice, work)
    home.register(app, home.Home(store, voice, now), work)
    return app, driver


async def _secrets(settings: Settings) -> Several:
    """Every place of secrets that is configured, with its names looked at once; one that is down stops nobody."""
    try:
        held = await asyncio.to_thread(
            open_secrets, settings.secrets, settings.secrets_dir, _vault(settings), settings.aws_secrets_prefix
        )
    except NoPlace as error:
        raise StartFailed(str(error)) from None
    await held.names()  # so that the first form finds them, and the log tells of a place that is down
    return held


def _vault(settings: Settings) -> VaultAccess | None:
    if settings.vault_addr is None:
        return None
    return VaultAccess(
        address=settings.vault_addr,
        login=_login(settings),
        mount=settings.vault_mount,
        prefix=settings.vault_prefix,
        namespace=settings.vault_namespace,
    )


def _login(settings: Settings) -> Login:
    if settings.vault_kubernetes_role:
        return Kubernetes(role=settings.vault_kubernetes_role)
    if settings.vault_role_id and settings.vault_secret_id:
        return AppRole(role_id=settings.vault_role_id, secret_id=settings.vault_secret_id)
    assert settings.vault_token, "the settings have one login"
    return Token(token=settings.vault_token)


async def _receive(stack: AsyncExitStack, settings: Settings, app: AsyncApp, ways: Sequence[str]) -> None:
    if settings.slack_signing_secret and (not ways or "http" in ways):
        try:
            port = await stack.enter_async_context(signed_http(app, settings.host, settings.port))
        except OSError as error:
            raise StartFailed(f"PORT: {settings.port} can't be listened on ({error.strerror})") from error
        log.info("listening", port=port)
    if settings.slack_app_token and (not ways or "socket" in ways):
        token = settings.slack_app_token.get_secret_value()
        try:
            await stack.enter_async_context(socket_mode(app, token))
        except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            raise StartFailed(f"SLACK_APP_TOKEN: Slack refuses it for Socket Mode ({_code(error)})") from error
        log.info("connected", mode="socket")


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[AsyncEngine]:
    url = settings.database_url.get_secret_value()
    stack = ExitStack()
    try:
        stack.enter_context(sole_use(url))
        engine = open_engine(url)
        await migrate(engine)
    except InUse:
        several = "another process uses this SQLite file; several need postgresql://"
        raise StartFailed(f"DATABASE_URL: {several}") from None
    except (SQLAlchemyError, OSError) as error:
        raise StartFailed(f"DATABASE_URL: the database can't be used ({type(error).__name__})") from error
    with stack:
        try:
            yield engine
        finally:
            await engine.dispose()


@asynccontextmanager
async def _slack(settings: Settings) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(
            token=settings.slack_bot_token.get_secret_value(),
            base_url=settings.slack_api_url,
            timeout=10,
            session=session,
            # By itself the client repeats after connection errors only.
            retry_handlers=[*async_default_handlers(), ShortWaits(max_retry_count=2)],
        )


async def _identity(client: AsyncWebClient) -> AuthorizeResult:
    try:
        answer = await client.auth_test()
    except SlackApiError as error:
        raise StartFailed(f"SLACK_BOT_TOKEN: Slack refuses it ({_code(error)})") from error
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        raise StartFailed("SLACK_API_URL: Slack can't be reached") from error
    return AuthorizeResult(
        enterprise_id=answer.get("enterprise_id"),
        team_id=answer["team_id"],
        bot_user_id=answer["user_id"],
        bot_id=answer.get("bot_id"),
        bot_token=client.token,
    )


async def _looked_up(client: AsyncWebClient, policy: Policy) -> Policy:
    """The policy with Slack's ids in place of handles. What does not exist or is empty lets nobody through."""
    if not any(rule.approvers for rule in policy.rules.values()):
        log.warning("no approvers: nothing destructive can be asked for; APPROVERS or policy.toml names them")
    try:
        ids, missing = await group_ids(client, sorted(policy.names))
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        raise StartFailed(f"APPROVERS: Slack does not tell its user groups ({_code(error)})") from error
    for name in missing:
        log.error("no such user group, or nobody in it: it lets nobody through", group=name)
    return policy.renamed(ids)


async def _upkeep(driver: Driver, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await driver.upkeep()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next round finds the same requests
            log.error("upkeep failed", error=type(error).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _UPKEEP_EVERY)


async def _stop(upkeep: "asyncio.Task[None]", stop: asyncio.Event) -> None:
    stop.set()
    await asyncio.wait({upkeep}, timeout=_DRAIN)
    upkeep.cancel()
    await asyncio.gather(upkeep, return_exceptions=True)


def _code(error: Exception) -> str:
    code = error.response.get("error") if isinstance(error, SlackApiError) else None
    return code if isinstance(code, str) else type(error).__name__


def _worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
