"""Test a connection before anything is saved."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace

import structlog
from pydantic import Field, JsonValue

from bot.domain.actors import Actor
from bot.domain.audit.entries import AuditEntry
from bot.domain.changes.change import WarehouseSnapshot
from bot.domain.decision_errors import SpaceNotAllowed
from bot.domain.destinations import Destination, find_destination, get_host_setting
from bot.domain.errors import BotError, NotAllowed, StoreFailed
from bot.domain.frozen_model import FrozenModel
from bot.domain.policy import Action, Policy
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.redaction.settings import list_plain_keys, redact_value
from bot.domain.secret_rules import may_send_all_secrets, may_test_connection, may_use_secret
from bot.domain.segment_errors import SegmentError
from bot.domain.text import to_one_line
from bot.domain.warehouses import SecretRef, Space, WarehouseType
from bot.services.allowed_spaces import AllowedSpaces
from bot.services.ports import Now, RequestStore, Secrets, Segment

log = structlog.get_logger(__name__)

#: What a connection test is called in the audit log.
AUDIT_ACTION = "test connection"


class ConnectionTest(FrozenModel):
    """Settings to try, and what they are for: the existing warehouse `target`, or a new one called `name` in `space`.

    `space` is None while none is chosen. `id` joins the two entries in the audit log.
    """

    id: str = Field(default_factory=lambda: f"T-{secrets.token_hex(4)}")
    type: WarehouseType
    name: str = ""
    space: Space | None = None
    target: WarehouseSnapshot | None = None
    settings: Mapping[str, JsonValue] = Field(default_factory=dict)
    secrets: Mapping[str, SecretRef] = Field(default_factory=dict)

    @property
    def target_space(self) -> Space | None:
        """The space of what it is for; None while none is chosen."""
        return self.target.space if self.target else self.space

    @property
    def action(self) -> Action:
        """What a request with these settings would be."""
        return Action.UPDATE if self.target else Action.CREATE

    @property
    def destination(self) -> Destination:
        """Where the secrets go: only what is sent decides, not what the target has."""
        names = (self.target.name, self.target.id) if self.target else (self.name,)
        return find_destination(self.type.slug, self.settings, self.secrets, names)


class ConnectionTester:
    """Asks Segment to connect with settings that are not saved yet, and keeps each try in the audit log."""

    def __init__(
        self,
        segment: Segment,
        secrets: Secrets,
        policy: Policy,
        requests: RequestStore,
        spaces: AllowedSpaces,
        now: Now,
    ) -> None:
        self._segment = segment
        self._spaces = spaces
        self._secrets = secrets
        self._policy = policy
        self._requests = requests
        self._now = now

    async def list_secret_names(self) -> tuple[str, ...]:
        """The names of the secrets there are."""
        return await self._secrets.list_names()

    async def list_usable_secrets(self, actor: Actor, search: str = "") -> tuple[str, ...]:
        """Those that `actor` may use and whose names have `search` in them, whatever the case."""
        wanted = search.strip().casefold()
        names = await self.list_secret_names()
        return tuple(
            name for name in names if wanted in name.casefold() and may_use_secret(actor, name, self._policy).is_allowed
        )

    async def require_permission(self, actor: Actor, test: ConnectionTest) -> None:
        """Let those pass who could request the change that `test` is for. A refused try is audited.

        Raises:
            NotAllowed: they could not.
            SpaceNotAllowed: the bot does not work with the space that it is for.
            SegmentError: Segment did not say which spaces there are.
            StoreFailed: the refusal could not be audited.
        """
        if not (verdict := may_test_connection(actor, test.action, self._policy)).is_allowed:
            await self._refuse(actor, test, NotAllowed(verdict.reason))
        if (space := test.target_space) is None:
            return
        try:
            await self._spaces.require_allowed(space)
        except SpaceNotAllowed as error:
            await self._refuse(actor, test, error)

    async def test_connection(self, actor: Actor, test: ConnectionTest) -> str:
        """CONNECTED, FAILED, or a word of Segment's that we don't know.

        The audit log holds the try before any secret is fetched or sent, and its outcome afterwards.

        Raises:
            NotAllowed: they may not test, or a secret is not theirs to send to where the settings lead.
            SpaceNotAllowed: the bot does not work with the space that it is for.
            StoreFailed: the try could not be audited, and nothing was sent.
            SecretMissing: a secret is not there.
            SecretProviderUnreachable: nobody can say what it is.
            SegmentError: Segment refused the settings, or did not answer.
        """
        await self.require_permission(actor, test)
        verdict = may_send_all_secrets(actor, test.secrets.values(), test.destination, self._policy)
        if not verdict.is_allowed:
            await self._refuse(actor, test, NotAllowed(verdict.reason))
        await self._requests.append_audit_entry(self._entry(actor, test, "started"))
        try:
            status = await self._validate(test)
        except BotError as error:
            await self._keep_outcome(actor, test, _code(error))
            raise
        await self._keep_outcome(actor, test, to_one_line(status, 40))
        return status

    async def _validate(self, test: ConnectionTest) -> str:
        resolved = {key: await self._secrets.resolve(ref) for key, ref in test.secrets.items()}
        try:
            return await self._segment.validate_connection(test.type.metadata_id, {**test.settings, **resolved})
        except SegmentError as error:  # Segment may quote what it was sent
            scrubber = Scrubber(*resolved.values())
            error.errors = tuple(replace(each, message=scrubber.scrub(each.message)) for each in error.errors)
            raise

    async def _refuse(self, actor: Actor, test: ConnectionTest, error: BotError) -> None:
        log.warning("connection test refused", test=test.id, user=actor.id)
        await self._requests.append_audit_entry(self._entry(actor, test, "", refused=error.user_message))
        raise error

    async def _keep_outcome(self, actor: Actor, test: ConnectionTest, outcome: str) -> None:
        log.info("connection tested", test=test.id, user=actor.id, outcome=outcome)
        try:
            await self._requests.append_audit_entry(self._entry(actor, test, outcome))
        except StoreFailed:  # it is too late to stop it, and the person waits for the outcome
            log.error("outcome of a connection test not audited", test=test.id, user=actor.id)

    def _entry(self, actor: Actor, test: ConnectionTest, state: str, refused: str = "") -> AuditEntry:
        return AuditEntry(
            at=self._now(),
            request_id="",
            actor=actor.id,
            action=AUDIT_ACTION,
            state=state,
            refused=refused,
            detail=json.dumps(_detail(test)),
        )


def _detail(test: ConnectionTest) -> Mapping[str, JsonValue]:
    space = test.target_space
    key, to = get_host_setting(test.type.slug), test.destination
    return {
        "test": test.id,
        "type": test.type.slug,
        "space": space.slug if space else "",
        "warehouse": test.target.id if test.target else to_one_line(test.name, 255),
        "secrets": {key: ref.name for key, ref in test.secrets.items()},
        "host": to.host or redact_value(key, test.settings.get(key), list_plain_keys(test.type)),
        "unclear": to.unknown_reason,
    }


def _code(error: BotError) -> str:
    """The kind of `error`, with the HTTP status where Segment answered."""
    status = error.status if isinstance(error, SegmentError) else None
    return f"{error.audit_code} {status}" if status else error.audit_code
