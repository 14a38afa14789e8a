"""Which part gets which: the bot put together, before anything is received."""

import asyncio
import os
import secrets
import socket
from datetime import timedelta
from typing import NamedTuple

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.config.settings import Settings
from bot.domain.audit.keys import AuditKeys
from bot.domain.errors import StoreFailed
from bot.domain.policy import Policy
from bot.domain.redaction.scrubber import Censor
from bot.secrets.combined import Several
from bot.secrets.encryption import Sealing
from bot.secrets.factory import open_secrets
from bot.secrets.one_time import HandedSecrets
from bot.secrets.provider import NoPlace
from bot.secrets.scrubbed import Learning
from bot.secrets.vault_config import AppRole, Kubernetes, Login, Token, VaultAccess
from bot.segment.catalog import known_catalog
from bot.segment.client import SegmentClient
from bot.services.admission import Admission
from bot.services.approvals import Asking
from bot.services.connection_tests import Connections
from bot.services.executor import Execution
from bot.services.history import Histories
from bot.services.inventory import Checks
from bot.services.one_time_secrets import Handovers
from bot.services.ports import Now
from bot.services.reconciler import SETTLE, Driver
from bot.services.refusals import Refusals
from bot.services.revalidation import Revalidation
from bot.services.secret_permissions import SecretUse
from bot.services.spaces import Spaces
from bot.services.verifier import Looking
from bot.slack.app import bolt
from bot.slack.background import Work
from bot.slack.cards import SlackCards
from bot.slack.directory import SlackDirectory, group_ids
from bot.slack.dispatcher import Intake
from bot.slack.handlers import buttons as actions
from bot.slack.handlers import commands, connection_tests, decisions, dialogs, forms, home, submissions
from bot.slack.handlers import secret_links as handing
from bot.slack.messenger import Voice
from bot.store.one_time_secrets import HandoverStore
from bot.store.requests import RequestStore
from bot.web.secret_page import OneTimePage

log = structlog.get_logger(__name__)


class StartFailed(Exception):
    """The bot can't start; the text says which variable to look at and what it wants, and holds no value."""


class Wired(NamedTuple):
    """What is to be run: the listeners and the way in to them, what brings requests on, and what people hand over.

    `page` is the one-time page, if there is one.
    """

    app: AsyncApp
    intake: Intake
    driver: Driver
    handovers: Handovers
    page: OneTimePage | None


async def wire(
    settings: Settings,
    censor: Censor,
    now: Now,
    engine: AsyncEngine,
    segment: SegmentClient,
    client: AsyncWebClient,
    identity: AuthorizeResult,
    work: Work,
) -> Wired:
    """The bot, put together around what is open already.

    Raises:
        StartFailed: Slack does not tell what the policy needs, a place of secrets can't be opened, or the database
            does not answer.
    """
    policy, pace = await _looked_up(client, settings.written.policy), settings.written.pace
    if policy.secrets is not None and not policy.secrets and settings.holds_secrets:
        log.warning("nobody may use any secret: the policy has no [secrets], which names who may use which")
    groups = frozenset(name for name in policy.names if name.startswith("S"))
    directory = SlackDirectory(client, str(identity.team_id), groups, work)
    keys = AuditKeys(settings.audit_key)
    kept, sealing = HandoverStore(engine, keys), Sealing(settings.encryption_keys)
    await _renew(kept, sealing)
    store = RequestStore(engine, censor, keys)
    held = Learning(await _secrets(settings, HandedSecrets(kept, sealing)), censor)
    checks = Checks(segment, store, now, known_catalog().types, settings.segment_spaces)
    voice = Voice(client, censor)
    alone = engine.dialect.name == "sqlite"  # which `sole_use` holds for this process
    looking = Looking(store, checks, now, pace.look_again)
    spaces, revalidation = Spaces(checks), Revalidation(store, directory, policy, now)
    secret_use = SecretUse(policy, directory)
    execution = Execution(
        store, segment, checks, held, secret_use, looking, spaces, revalidation, now, _worker(), pace.lease, alone=alone
    )
    settle = timedelta(0) if alone else SETTLE
    cards, channel = SlackCards(voice), settings.approvals_channel
    driver = Driver(store, execution, checks, cards, revalidation, now, channel, settle)
    asking = Asking(store, policy, directory, now, held, spaces, censor)
    admission, connections = (
        Admission(directory, Refusals(store, now)),
        Connections(segment, held, policy, store, spaces, now),
    )
    typing, public = settings.allow_secrets_in_slack, settings.public_url
    handovers = Handovers(kept, sealing.seal, censor, now, public and f"{public}/secret", typing=typing)
    opened = forms.Forms(checks, connections, asking, handovers, admission, voice)
    tests = connection_tests.ConnectionTests(opened, connections, directory, voice)
    handed = handing.Handing(opened, handovers, kept, voice)
    submitted = submissions.Submissions(asking, driver, directory, opened, voice, work)
    small = dialogs.Dialogs(asking, checks, driver, directory, opened, submitted, looking, voice, work)
    spoken = commands.Commands(
        checks, asking, driver, store, Histories(store, checks), admission, opened, small, voice, work, now
    )
    decided = decisions.Decisions(asking, store, driver, directory, small, voice, work)

    secret = settings.slack_signing_secret
    app = bolt(client, identity, secret.get_secret_value() if secret else None)
    commands.register(app, spoken, work)
    forms.register(app, opened, work)
    connection_tests.register(app, tests, work)
    handing.register(app, handed, work)
    submissions.register(app, submitted, voice)
    dialogs.register(app, small, voice)
    decisions.register(app, decided)
    actions.register(app, actions.Pages(spoken, voice), spoken, admission, voice, work)
    home.register(app, home.Home(store, admission, voice, now), work)
    page = OneTimePage(handovers, handed, public) if public else None
    return Wired(app, Intake(app, voice, work), driver, handovers, page)


async def _renew(kept: HandoverStore, sealing: Sealing) -> None:
    """Seal what is kept with the newest key, so that older ones can go."""
    try:
        await kept.seal_anew(sealing.anew)
    except StoreFailed as error:
        raise StartFailed("DATABASE_URL: the database does not answer") from error


async def _secrets(settings: Settings, handed: HandedSecrets) -> Several:
    """Every place of secrets that is configured, with its names looked at once; one that is down stops nobody."""
    try:
        held = await asyncio.to_thread(
            open_secrets,
            settings.secrets,
            settings.secrets_dir,
            _vault(settings),
            settings.aws_secrets_prefix,
            handed,
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


async def _looked_up(client: AsyncWebClient, policy: Policy) -> Policy:
    """The policy with Slack's ids in place of handles. What does not exist or is empty lets nobody through."""
    if not any(rule.approvers for rule in policy.rules.values()):
        log.warning("no approvers: nothing destructive can be asked for; APPROVERS or policy.toml names them")
    try:
        ids, missing = await group_ids(client, sorted(policy.names))
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        raise StartFailed(f"APPROVERS: Slack does not tell its user groups ({code_of(error)})") from error
    for name in missing:
        log.error("no such user group, or nobody in it: it lets nobody through", group=name)
    return policy.renamed(ids)


def code_of(error: Exception) -> str:
    """Slack's code for `error`, or its kind where there is none."""
    code = error.response.get("error") if isinstance(error, SlackApiError) else None
    return code if isinstance(code, str) else type(error).__name__


def _worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
