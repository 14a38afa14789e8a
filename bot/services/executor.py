"""Execute requests: claim a request, send its change once, and verify the result."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TypeGuard

from pydantic import JsonValue, SecretStr

from bot.domain.audit_errors import RequestDiffersFromLog
from bot.domain.changes.change import Change, Create, Delete, Update
from bot.domain.changes.diff import find_drift, find_unapplied_fields
from bot.domain.changes.fingerprint import compute_fingerprint
from bot.domain.errors import BotError, RequestClosed
from bot.domain.redaction.scrubber import Scrubber
from bot.domain.requests.request import Request, StoredRequest
from bot.domain.requests.scrubbing import scrub_transition
from bot.domain.requests.timers import is_claimed_by_another, is_takeover_due
from bot.domain.requests.transitions import Claim, Fail, MarkUnknown, Succeed, Supersede, Transition
from bot.domain.segment_errors import OutcomeUnknown, ResourceMissing, SegmentError
from bot.domain.warehouses import SecretRef, Warehouse
from bot.services.allowed_spaces import AllowedSpaces
from bot.services.inventory import Inventory
from bot.services.ports import Now, RequestStore, Secrets, Segment
from bot.services.revalidation import Revalidator
from bot.services.secret_permissions import SecretPermissions
from bot.services.verifier import Verifier

#: Longer than reading, sending and reading back can take with all retries, so that a claim outlasts its execution.
LEASE_DURATION = timedelta(minutes=5)

#: The maximum age of the revalidation of a request when the executor claims it.
_MAX_REVALIDATION_AGE = timedelta(seconds=5)


class Executor:
    """Executes requests as the process `worker`.

    `is_sole_process` says that the database admits no other process.
    """

    def __init__(
        self,
        requests: RequestStore,
        segment: Segment,
        inventory: Inventory,
        secrets: Secrets,
        secret_permissions: SecretPermissions,
        verifier: Verifier,
        spaces: AllowedSpaces,
        revalidator: Revalidator,
        now: Now,
        worker: str,
        lease: timedelta = LEASE_DURATION,
        *,
        is_sole_process: bool = False,
    ) -> None:
        self._is_sole_process = is_sole_process
        self._lease = lease
        self._requests = requests
        self._segment = segment
        self._inventory = inventory
        self._secrets = secrets
        self._secret_permissions = secret_permissions
        self._now = now
        self._worker = worker
        self._verifier = verifier
        self._spaces = spaces
        self._revalidator = revalidator

    def can_take_over(self, request: Request) -> bool:
        """Whether `request` is in progress and no process executes it any more."""
        return is_takeover_due(request, self._now()) or (
            self._is_sole_process and is_claimed_by_another(request, self._worker)
        )

    async def claim(self, stored: StoredRequest) -> StoredRequest:
        """Check that a ready request is still approved and can still be executed as requested, and claim it.

        The returned request is in one of these states: executing, claimed by this process; pending again, because some
        approvals no longer count; or cancelled, superseded or failed, with nothing sent.

        Raises:
            RequestClosed: another process claimed the request.
            ApprovalsUnverifiable: Slack can't confirm that the approvals still count; the request stays as it is.
        """
        read_at = self._now()
        stored = await self._revalidator.revalidate(stored)
        if not stored.request.is_ready:
            return stored
        request = stored.request
        try:
            transition, known_ids = await self._check_preconditions(request)
        except BotError as error:
            transition, known_ids = Fail(at=self._now(), reason=error.user_message), ()
        if transition is not None:
            return await self._requests.advance(request.id, transition)
        if self._now() - read_at > _MAX_REVALIDATION_AGE:  # Segment responded slowly
            stored = await self._revalidator.revalidate(stored)
        if not stored.request.is_ready:
            return stored
        try:
            return await self._claim(request, known_ids)
        except RequestDiffersFromLog as error:
            return await self._requests.advance(request.id, Fail(at=self._now(), reason=error.user_message))

    async def execute(self, stored: StoredRequest) -> StoredRequest:
        """Send the claimed change to Segment, and record the outcome.

        Raises:
            RequestClosed: the claim expired before the executor sent anything, or another process took over meanwhile.
        """
        request = stored.request
        if request.last_claim is None or request.last_claim.until <= self._now():
            raise RequestClosed
        resolved: Mapping[str, SecretStr] = {}
        try:
            # Another process may have made the claim under an older policy.
            await self._secret_permissions.recheck_request(request)
            resolved = await self._resolve_secrets(request)
            transition: Transition = await self._send(request, resolved)
        except BotError as error:
            transition = await self._find_outcome(request, error)
        return await self._advance(request, transition, resolved.values())

    async def resume(self, stored: StoredRequest) -> StoredRequest:
        """Take over a request whose lease has expired, and finish it.

        The executor reads the warehouse first. It sends an update without secrets, or a deletion, again if the
        warehouse is unchanged; otherwise it verifies what the earlier attempt did.

        Raises:
            RequestClosed: another process claimed the request, or its lease has not expired.
        """
        claim = stored.request.last_claim
        try:
            claimed = await self._claim(stored.request, claim.known if claim else ())
        except RequestDiffersFromLog as error:  # the stored request does not prove what the earlier attempt sent
            return await self._requests.advance(
                stored.request.id, self._verifier.make_lost_transition(stored.request, error.user_message)
            )
        change = claimed.request.change
        try:
            can_send_again = _is_repeatable(change) and await self._is_unchanged(change)
        except SegmentError as error:
            return await self._advance(
                claimed.request,
                self._verifier.make_lost_transition(claimed.request, error.user_message, has_looked=False),
            )
        if can_send_again:
            return await self.execute(claimed)
        return await self._advance(
            claimed.request, await self._verifier.verify(claimed.request, "Segment's answer was lost.")
        )

    async def _is_unchanged(self, change: Update | Delete) -> bool:
        """Whether the warehouse is unchanged since the request, so that the executor may send the change again."""
        warehouse = await self._inventory.fetch_warehouse(change.space, change.target.id)
        return warehouse is not None and compute_fingerprint(warehouse) == change.target.fingerprint

    async def _find_outcome(self, request: Request, error: BotError) -> Transition:
        was_sent = isinstance(error, OutcomeUnknown) and error.was_sent
        if was_sent or _was_tried_before(request):  # this or an earlier attempt may have changed the warehouse
            return await self._verifier.verify(request, error.user_message)
        return Fail(at=self._now(), reason=error.user_message, errors=getattr(error, "errors", ()))

    async def _advance(
        self, request: Request, transition: Transition, secrets: Iterable[SecretStr] | None = None
    ) -> StoredRequest:
        scrubbed = await self._scrub(transition, request, secrets)
        return await self._requests.advance(request.id, scrubbed.model_copy(update={"worker": self._worker}))

    async def _scrub(self, transition: Transition, request: Request, secrets: Iterable[SecretStr] | None) -> Transition:
        # Segment may quote a secret in an error. The bot must not store or show it.
        if not isinstance(transition, Fail | MarkUnknown):
            return transition
        values = await self._resolve_for_scrubbing(request) if secrets is None else secrets
        return scrub_transition(transition, Scrubber(*values))

    async def _resolve_for_scrubbing(self, request: Request) -> list[SecretStr]:
        try:
            return list((await self._resolve_secrets(request)).values())
        except BotError:  # this process sent no secrets; Segment could only quote those of an earlier attempt
            return []

    async def _claim(self, request: Request, known: tuple[str, ...]) -> StoredRequest:
        now = self._now()
        return await self._requests.advance(
            request.id,
            Claim(by=self._worker, at=now, until=now + self._lease, known=known, alone=self._is_sole_process),
        )

    async def _check_preconditions(self, request: Request) -> tuple[Transition | None, tuple[str, ...]]:
        change = request.change
        await self._spaces.require_allowed(change.space)
        await self._secret_permissions.recheck_request(request)
        await self._resolve_secrets(request)
        warehouses = await self._inventory.fetch_warehouses(change.space)
        if isinstance(change, Create):
            return None, tuple(warehouse.id for warehouse in warehouses)
        warehouse = next((each for each in warehouses if each.id == change.target.id), None)
        if warehouse is None:
            return Supersede(at=self._now(), gone=True), ()
        if compute_fingerprint(warehouse) != change.target.fingerprint:
            return Supersede(at=self._now(), drift=find_drift(change.target, warehouse)), ()
        return None, ()

    async def _send(self, request: Request, secrets: Mapping[str, SecretStr]) -> Transition:
        match request.change:
            case Create() as change:
                return await self._create(change, secrets)
            case Update() as change:
                return await self._update(change, secrets)
            case Delete() as change:
                return await self._delete(request, change)

    async def _create(self, change: Create, secrets: Mapping[str, SecretStr]) -> Transition:
        created = await self._segment.create_warehouse(
            change.space,
            metadata_id=change.metadata_id,
            name=change.name,
            settings={**change.settings, **secrets},
            schema_name=change.schema_name,
            enabled=change.enabled,
        )
        return await self._read_back(change, created.id)

    async def _update(self, change: Update, secrets: Mapping[str, SecretStr]) -> Transition:
        before = await self._inventory.fetch_warehouse(change.space, change.target.id)
        if before is None or compute_fingerprint(before) != change.target.fingerprint:
            raise RequestClosed("It changed a moment before this was sent. Ask again.")
        current_settings = _list_settings_to_resend(before)
        await self._segment.update_warehouse(
            change.space,
            change.target.id,
            # Segment may merge or replace settings. Sending every known setting gives the same result either way.
            settings={**current_settings, **change.settings, **secrets},
            enabled=before.enabled if change.enabled is None else change.enabled,
            name=change.name,
            schema_name=change.schema_name,
        )
        return await self._read_back(change, change.target.id, current_settings)

    async def _delete(self, request: Request, change: Delete) -> Transition:
        is_missing = False
        try:
            await self._segment.delete_warehouse(change.space, change.target.id)
        except ResourceMissing:
            is_missing = True
        try:
            warehouse = await self._inventory.fetch_warehouse(change.space, change.target.id)
        except SegmentError as error:
            return (
                self._verifier.make_lost_transition(request, error.user_message)
                if is_missing
                else self._build_unverified_success(change.target.id)
            )
        if warehouse is not None:
            response = "does not know it" if is_missing else "said it is deleted"
            return self._verifier.make_lost_transition(request, f"Segment {response}, and still lists it.")
        return Succeed(at=self._now(), warehouse_id=change.target.id, verified=True)

    async def _read_back(
        self, change: Create | Update, warehouse_id: str, sent_settings: Mapping[str, JsonValue] | None = None
    ) -> Transition:
        try:
            warehouse = await self._inventory.fetch_warehouse(change.space, warehouse_id)
        except SegmentError:
            return self._build_unverified_success(warehouse_id)
        if warehouse is None:
            return Succeed(
                at=self._now(), warehouse_id=warehouse_id, verified=False, note="Segment does not list it yet"
            )
        lost_settings = _find_lost_settings(change, sent_settings or {}, warehouse)
        differences = (*find_unapplied_fields(change, warehouse), *lost_settings)
        note = f"Segment shows something else for {', '.join(differences)}" if differences else ""
        return Succeed(at=self._now(), warehouse_id=warehouse_id, verified=not differences, note=note)

    def _build_unverified_success(self, warehouse_id: str) -> Succeed:
        note = "Segment said yes; it could not be read back"
        return Succeed(at=self._now(), warehouse_id=warehouse_id, verified=False, note=note)

    async def _resolve_secrets(self, request: Request) -> dict[str, SecretStr]:
        refs: Mapping[str, SecretRef] = getattr(request.change, "secrets", {})
        return {key: await self._secrets.resolve(ref) for key, ref in refs.items()}


def _is_repeatable(change: Change) -> TypeGuard[Update | Delete]:
    # Segment does not show credentials. Sending them again could replace newer ones.
    return isinstance(change, Delete) or (isinstance(change, Update) and not change.secrets)


def _was_tried_before(request: Request) -> bool:
    return sum(isinstance(transition, Claim) for transition in request.history) > 1


def _find_lost_settings(
    change: Create | Update, sent_settings: Mapping[str, JsonValue], warehouse: Warehouse
) -> tuple[str, ...]:
    """Return the settings that the change did not include but that Segment shows differently afterwards."""
    return tuple(
        key
        for key, value in sent_settings.items()
        if key not in change.settings and warehouse.settings.get(key) != value
    )


def _list_settings_to_resend(warehouse: Warehouse) -> dict[str, JsonValue]:
    names = (setting.name for setting in warehouse.type.settings if setting.is_writable and not setting.is_secret)
    return {key: warehouse.settings[key] for key in names if key in warehouse.settings and key != "name"}
