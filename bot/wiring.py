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
from bot.domain.redaction.scrubber import Scrubber
from bot.secrets.combined import CombinedSecretProvider
from bot.secrets.encryption import Encryptor
from bot.secrets.factory import create_secret_provider
from bot.secrets.one_time import OneTimeSecretProvider
from bot.secrets.provider import ProviderStartFailed
from bot.secrets.scrubbed import RegisteringSecretProvider
from bot.secrets.vault_config import AppRoleLogin, KubernetesLogin, TokenLogin, VaultConfig, VaultLogin
from bot.segment.catalog import load_catalog
from bot.segment.client import SegmentClient
from bot.services.admission import AccessControl
from bot.services.approvals import Approvals
from bot.services.connection_tests import ConnectionTester
from bot.services.executor import Executor
from bot.services.history import HistoryReader
from bot.services.inventory import Inventory
from bot.services.one_time_secrets import OneTimeSecrets
from bot.services.ports import Now
from bot.services.reconciler import GRACE_PERIOD, Reconciler
from bot.services.refusals import RefusalLog
from bot.services.revalidation import Revalidator
from bot.services.secret_permissions import SecretPermissions
from bot.services.spaces import AllowedSpaces
from bot.services.verifier import Verifier
from bot.slack.app import create_bolt_app
from bot.slack.background import BackgroundTasks
from bot.slack.cards import SlackCards
from bot.slack.directory import SlackDirectory, resolve_group_handles
from bot.slack.dispatcher import PayloadDispatcher
from bot.slack.handlers import buttons as actions
from bot.slack.handlers import commands, connection_tests, decisions, dialogs, forms, home, submissions
from bot.slack.handlers import secret_links as handing
from bot.slack.messenger import Messenger
from bot.store.one_time_secrets import SqlOneTimeSecretStore
from bot.store.requests import SqlRequestStore
from bot.web.secret_page import SecretPage

log = structlog.get_logger(__name__)


class StartFailed(Exception):
    """The bot can't start; the text says which variable to look at and what it wants, and holds no value."""


class BotComponents(NamedTuple):
    """What is to be run: the listeners and the way in to them, what brings requests on, and what people hand over.

    `page` is the one-time page, if there is one.
    """

    app: AsyncApp
    dispatcher: PayloadDispatcher
    reconciler: Reconciler
    one_time_secrets: OneTimeSecrets
    secret_page: SecretPage | None


async def wire_bot(
    settings: Settings,
    censor: Scrubber,
    now: Now,
    engine: AsyncEngine,
    segment: SegmentClient,
    client: AsyncWebClient,
    identity: AuthorizeResult,
    work: BackgroundTasks,
) -> BotComponents:
    """The bot, put together around what is open already.

    Raises:
        StartFailed: Slack does not tell what the policy needs, a place of secrets can't be opened, or the database
            does not answer.
    """
    policy, pace = await _looked_up(client, settings.policy_config.policy), settings.policy_config.execution
    if policy.secrets is not None and not policy.secrets and settings.has_secret_provider:
        log.warning("nobody may use any secret: the policy has no [secrets], which names who may use which")
    groups = frozenset(name for name in policy.principals if name.startswith("S"))
    directory = SlackDirectory(client, str(identity.team_id), groups, work)
    keys = AuditKeys(settings.audit_key)
    kept, sealing = SqlOneTimeSecretStore(engine, keys), Encryptor(settings.encryption_keys)
    await _renew(kept, sealing)
    store = SqlRequestStore(engine, censor, keys)
    held = RegisteringSecretProvider(await _secrets(settings, OneTimeSecretProvider(kept, sealing)), censor)
    checks = Inventory(segment, store, now, load_catalog().types, settings.segment_spaces)
    voice = Messenger(client, censor)
    alone = engine.dialect.name == "sqlite"  # which `sole_use` holds for this process
    looking = Verifier(store, checks, now, pace.look_again)
    spaces, revalidation = AllowedSpaces(checks), Revalidator(store, directory, policy, now)
    secret_use = SecretPermissions(policy, directory)
    execution = Executor(
        store,
        segment,
        checks,
        held,
        secret_use,
        looking,
        spaces,
        revalidation,
        now,
        _worker(),
        pace.lease,
        is_sole_process=alone,
    )
    settle = timedelta(0) if alone else GRACE_PERIOD
    cards, channel = SlackCards(voice), settings.approvals_channel
    driver = Reconciler(store, execution, checks, cards, revalidation, now, channel, settle)
    asking = Approvals(store, policy, directory, now, held, spaces, censor)
    admission, connections = (
        AccessControl(directory, RefusalLog(store, now)),
        ConnectionTester(segment, held, policy, store, spaces, now),
    )
    typing, public = settings.allow_secrets_in_slack, settings.public_url
    handovers = OneTimeSecrets(
        kept, sealing.encrypt, censor, now, public and f"{public}/secret", can_type_secrets=typing
    )
    opened = forms.FormHandler(checks, connections, asking, handovers, admission, voice)
    tests = connection_tests.ConnectionTestHandler(opened, connections, directory, voice)
    handed = handing.SecretLinkHandler(opened, handovers, kept, voice)
    submitted = submissions.SubmissionHandler(asking, driver, directory, opened, voice, work)
    small = dialogs.DialogHandler(asking, checks, driver, directory, opened, submitted, looking, voice, work)
    spoken = commands.CommandHandler(
        checks, asking, driver, store, HistoryReader(store, checks), admission, opened, small, voice, work, now
    )
    decided = decisions.DecisionHandler(asking, store, driver, directory, small, voice, work)

    secret = settings.slack_signing_secret
    app = create_bolt_app(client, identity, secret.get_secret_value() if secret else None)
    commands.register_listeners(app, spoken, work)
    forms.register_listeners(app, opened, work)
    connection_tests.register_listeners(app, tests, work)
    handing.register_listeners(app, handed, work)
    submissions.register_listeners(app, submitted, voice)
    dialogs.register_listeners(app, small, voice)
    decisions.register_listeners(app, decided)
    actions.register_listeners(app, actions.ListPageHandler(spoken, voice), spoken, admission, voice, work)
    home.register_listeners(app, home.HomeHandler(store, admission, voice, now), work)
    page = SecretPage(handovers, handed, public) if public else None
    return BotComponents(app, PayloadDispatcher(app, voice, work), driver, handovers, page)


async def _renew(kept: SqlOneTimeSecretStore, sealing: Encryptor) -> None:
    """Seal what is kept with the newest key, so that older ones can go."""
    try:
        await kept.reencrypt_all(sealing.reencrypt)
    except StoreFailed as error:
        raise StartFailed("DATABASE_URL: the database does not answer") from error


async def _secrets(settings: Settings, handed: OneTimeSecretProvider) -> CombinedSecretProvider:
    """Every place of secrets that is configured, with its names looked at once; one that is down stops nobody."""
    try:
        held = await asyncio.to_thread(
            create_secret_provider,
            settings.secrets,
            settings.secrets_dir,
            _vault(settings),
            settings.aws_secrets_prefix,
            handed,
        )
    except ProviderStartFailed as error:
        raise StartFailed(str(error)) from None
    await held.list_names()  # so that the first form finds them, and the log tells of a place that is down
    return held


def _vault(settings: Settings) -> VaultConfig | None:
    if settings.vault_addr is None:
        return None
    return VaultConfig(
        address=settings.vault_addr,
        login=_login(settings),
        mount=settings.vault_mount,
        prefix=settings.vault_prefix,
        namespace=settings.vault_namespace,
    )


def _login(settings: Settings) -> VaultLogin:
    if settings.vault_kubernetes_role:
        return KubernetesLogin(role=settings.vault_kubernetes_role)
    if settings.vault_role_id and settings.vault_secret_id:
        return AppRoleLogin(role_id=settings.vault_role_id, secret_id=settings.vault_secret_id)
    assert settings.vault_token, "the settings have one login"
    return TokenLogin(token=settings.vault_token)


async def _looked_up(client: AsyncWebClient, policy: Policy) -> Policy:
    """The policy with Slack's ids in place of handles. What does not exist or is empty lets nobody through."""
    if not any(rule.approvers for rule in policy.rules.values()):
        log.warning("no approvers: nothing destructive can be asked for; APPROVERS or policy.toml names them")
    try:
        ids, missing = await resolve_group_handles(client, sorted(policy.principals))
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        raise StartFailed(f"APPROVERS: Slack does not tell its user groups ({get_error_code(error)})") from error
    for name in missing:
        log.error("no such user group, or nobody in it: it lets nobody through", group=name)
    return policy.with_resolved_names(ids)


def get_error_code(error: Exception) -> str:
    """Slack's code for `error`, or its kind where there is none."""
    code = error.response.get("error") if isinstance(error, SlackApiError) else None
    return code if isinstance(code, str) else type(error).__name__


def _worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
