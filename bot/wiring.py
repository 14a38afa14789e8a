"""Build the bot's components: one function per package."""

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
from bot.secrets.registering import RegisteringSecretProvider
from bot.secrets.vault_config import AppRoleLogin, KubernetesLogin, TokenLogin, VaultConfig, VaultLogin
from bot.segment.catalog import load_catalog
from bot.segment.client import SegmentClient
from bot.services.access_control import AccessControl
from bot.services.allowed_spaces import AllowedSpaces
from bot.services.approvals import Approvals
from bot.services.connection_tests import ConnectionTester
from bot.services.executor import Executor
from bot.services.history import HistoryReader
from bot.services.inventory import Inventory
from bot.services.one_time_secrets import OneTimeSecrets
from bot.services.ports import Directory, Now
from bot.services.reconciler import GRACE_PERIOD, Reconciler
from bot.services.refusal_log import RefusalLog
from bot.services.revalidation import Revalidator
from bot.services.secret_permissions import SecretPermissions
from bot.services.verifier import Verifier
from bot.slack.app import create_bolt_app
from bot.slack.background import BackgroundTasks
from bot.slack.cards import SlackCards
from bot.slack.directory import SlackDirectory, resolve_group_handles
from bot.slack.dispatcher import PayloadDispatcher
from bot.slack.handlers.registration import Services, register_handlers
from bot.slack.messenger import Messenger
from bot.store.one_time_secrets import SqlOneTimeSecretStore
from bot.store.requests import SqlRequestStore
from bot.web.secret_page import SecretPage

log = structlog.get_logger(__name__)


class StartFailed(Exception):
    """The bot can't start. The text names the variable to correct and what it must be; it holds no value."""


class BotComponents(NamedTuple):
    """The parts of the bot that `app` runs; `secret_page` is None unless one-time pages are configured."""

    app: AsyncApp
    dispatcher: PayloadDispatcher
    reconciler: Reconciler
    one_time_secrets: OneTimeSecrets
    secret_page: SecretPage | None


class Context(NamedTuple):
    """What the building functions share."""

    settings: Settings
    policy: Policy
    scrubber: Scrubber
    now: Now
    segment: SegmentClient
    directory: Directory
    messenger: Messenger


class Store(NamedTuple):
    """The database's stores. `is_sole_process` tells whether no other process uses the database."""

    requests: SqlRequestStore
    one_time_secrets: SqlOneTimeSecretStore
    encryptor: Encryptor
    is_sole_process: bool


async def wire_bot(
    settings: Settings,
    scrubber: Scrubber,
    now: Now,
    engine: AsyncEngine,
    segment: SegmentClient,
    client: AsyncWebClient,
    identity: AuthorizeResult,
    background_tasks: BackgroundTasks,
) -> BotComponents:
    """Build the bot from its open connections.

    Raises:
        StartFailed: Slack can't be asked for the policy's user groups, a secret provider can't be opened, or the
            database does not answer.
    """
    policy = await resolve_policy(settings, client)
    directory = build_directory(client, identity, policy, background_tasks)
    messenger = Messenger(client, scrubber)
    context = Context(settings, policy, scrubber, now, segment, directory, messenger)
    store = await build_store(settings, scrubber, engine)
    secrets_provider = await build_secrets(settings, scrubber, store)
    services = build_services(context, store, secrets_provider)
    app = build_app(settings, client, identity)
    secret_links = register_handlers(app, services, messenger, background_tasks)
    url = settings.public_url
    return BotComponents(
        app=app,
        dispatcher=PayloadDispatcher(app, messenger, background_tasks),
        reconciler=services.reconciler,
        one_time_secrets=services.one_time_secrets,
        secret_page=SecretPage(services.one_time_secrets, secret_links, url) if url else None,
    )


async def resolve_policy(settings: Settings, client: AsyncWebClient) -> Policy:
    """Return the policy with Slack's ids in place of handles; warn about what it makes impossible.

    A group that does not exist, or is empty, approves nothing.

    Raises:
        StartFailed: Slack does not answer.
    """
    policy = settings.policy_config.policy
    if not any(rule.approvers for rule in policy.rules.values()):
        log.warning("no approvers: nothing destructive can be asked for; APPROVERS or policy.toml names them")
    try:
        ids, missing = await resolve_group_handles(client, sorted(policy.principals))
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        raise StartFailed(f"APPROVERS: Slack does not tell its user groups ({get_error_code(error)})") from error
    for name in missing:
        log.error("user group does not exist or is empty: it lets nobody through", group=name)
    if policy.secrets is not None and not policy.secrets and settings.has_secret_provider:
        log.warning("nobody may use any secret: the policy has no [secrets], which names who may use which")
    return policy.with_resolved_names(ids)


def build_directory(
    client: AsyncWebClient, identity: AuthorizeResult, policy: Policy, background_tasks: BackgroundTasks
) -> SlackDirectory:
    """Build the directory, which reads the members of the policy's user groups."""
    groups = frozenset(name for name in policy.principals if name.startswith("S"))
    return SlackDirectory(client, str(identity.team_id), groups, background_tasks)


async def build_store(settings: Settings, scrubber: Scrubber, engine: AsyncEngine) -> Store:
    """Build the stores, and encrypt the one-time secrets again with the newest key, so that older keys can go."""
    keys = AuditKeys(settings.audit_key)
    one_time_secrets = SqlOneTimeSecretStore(engine, keys)
    encryptor = Encryptor(settings.encryption_keys)
    try:
        await one_time_secrets.reencrypt_all(encryptor.reencrypt)
    except StoreFailed as error:
        raise StartFailed("DATABASE_URL: the database does not answer") from error
    return Store(
        requests=SqlRequestStore(engine, scrubber, keys),
        one_time_secrets=one_time_secrets,
        encryptor=encryptor,
        is_sole_process=engine.dialect.name == "sqlite",  # app.py locks the file
    )


async def build_secrets(settings: Settings, scrubber: Scrubber, store: Store) -> RegisteringSecretProvider:
    """Build the provider of all configured secrets. One that is down does not stop the start."""
    one_time_secrets = OneTimeSecretProvider(store.one_time_secrets, store.encryptor)
    try:
        provider: CombinedSecretProvider = await asyncio.to_thread(
            create_secret_provider,
            settings.secrets,
            settings.secrets_dir,
            _build_vault_config(settings),
            settings.aws_secrets_prefix,
            one_time_secrets,
        )
    except ProviderStartFailed as error:
        raise StartFailed(str(error)) from None
    await provider.list_names()  # logs a provider that is down, and has the names ready for the first form
    return RegisteringSecretProvider(provider, scrubber)


def build_services(context: Context, store: Store, secrets_provider: RegisteringSecretProvider) -> Services:
    """Build the use cases."""
    settings, policy, now, directory = context.settings, context.policy, context.now, context.directory
    requests = store.requests
    inventory = Inventory(context.segment, requests, now, load_catalog().types, settings.segment_spaces)
    spaces = AllowedSpaces(inventory)
    verifier = Verifier(requests, inventory, now, settings.policy_config.execution.look_again)
    return Services(
        access=AccessControl(directory, RefusalLog(requests, now)),
        inventory=inventory,
        approvals=Approvals(requests, policy, directory, now, secrets_provider, spaces, context.scrubber),
        reconciler=build_reconciler(context, store, secrets_provider, inventory, spaces, verifier),
        verifier=verifier,
        history=HistoryReader(requests, inventory),
        connection_tester=ConnectionTester(context.segment, secrets_provider, policy, requests, spaces, now),
        one_time_secrets=build_one_time_secrets(context, store),
        requests=requests,
        one_time_secret_store=store.one_time_secrets,
        now=now,
    )


def build_reconciler(
    context: Context,
    store: Store,
    secrets_provider: RegisteringSecretProvider,
    inventory: Inventory,
    spaces: AllowedSpaces,
    verifier: Verifier,
) -> Reconciler:
    """Build the reconciler and its executor."""
    revalidator = Revalidator(store.requests, context.directory, context.policy, context.now)
    executor = Executor(
        store.requests,
        context.segment,
        inventory,
        secrets_provider,
        SecretPermissions(context.policy, context.directory),
        verifier,
        spaces,
        revalidator,
        context.now,
        _create_worker_name(),
        context.settings.policy_config.execution.lease,
        is_sole_process=store.is_sole_process,
    )
    return Reconciler(
        store.requests,
        executor,
        inventory,
        SlackCards(context.messenger),
        revalidator,
        context.now,
        context.settings.approvals_channel,
        timedelta(0) if store.is_sole_process else GRACE_PERIOD,
    )


def build_one_time_secrets(context: Context, store: Store) -> OneTimeSecrets:
    """Build the use case of one-time secrets, with links if the bot has a public URL."""
    url = context.settings.public_url
    return OneTimeSecrets(
        store.one_time_secrets,
        store.encryptor.encrypt,
        context.scrubber,
        context.now,
        url and f"{url}/secret",
        can_type_secrets=context.settings.allow_secrets_in_slack,
    )


def build_app(settings: Settings, client: AsyncWebClient, identity: AuthorizeResult) -> AsyncApp:
    """Build the Bolt app, without listeners."""
    secret = settings.slack_signing_secret
    return create_bolt_app(client, identity, secret.get_secret_value() if secret else None)


def _build_vault_config(settings: Settings) -> VaultConfig | None:
    if settings.vault_addr is None:
        return None
    return VaultConfig(
        address=settings.vault_addr,
        login=_build_vault_login(settings),
        mount=settings.vault_mount,
        prefix=settings.vault_prefix,
        namespace=settings.vault_namespace,
    )


def _build_vault_login(settings: Settings) -> VaultLogin:
    if settings.vault_kubernetes_role:
        return KubernetesLogin(role=settings.vault_kubernetes_role)
    if settings.vault_role_id and settings.vault_secret_id:
        return AppRoleLogin(role_id=settings.vault_role_id, secret_id=settings.vault_secret_id)
    assert settings.vault_token, "the settings require one login"
    return TokenLogin(token=settings.vault_token)


def get_error_code(error: Exception) -> str:
    """Return Slack's code for `error`, or the name of its class if it has none."""
    code = error.response.get("error") if isinstance(error, SlackApiError) else None
    return code if isinstance(code, str) else type(error).__name__


def _create_worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
