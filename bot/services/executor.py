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

#: Longer than reading, acting and reading back may take with all repetitions, so that a claim outlives its work.
LEASE_DURATION = timedelta(minutes=5)

#: How old the facts about the people behind a request may be when it is claimed.
_FRESH = timedelta(seconds=5)


class Executor:
    """Carries requests out as the process `worker`; `alone`, where the database admits no other process."""

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
        self._alone = is_sole_process
        self._lease = lease
        self._requests = requests
        self._segment = segment
        self._checks = inventory
        self._secrets = secrets
        self._secret_use = secret_permissions
        self._now = now
        self._worker = worker
        self._looking = verifier
        self._spaces = spaces
        self._revalidation = revalidator

    def can_take_over(self, request: Request) -> bool:
        """Whether `request` is under way and nobody is at it any more."""
        return is_takeover_due(request, self._now()) or (self._alone and is_claimed_by_another(request, self._worker))

    async def claim(self, stored: StoredRequest) -> StoredRequest:
        """Check that a ready request is still approved and can still be carried out as asked, and claim it.

        The result is executing, claimed by this process; or it waits again, since approvals do not count any more; or
        it ended: cancelled, superseded or failed, with nothing sent.

        Raises:
            RequestClosed: another process has it.
            ApprovalsUnverifiable: Slack can't say whether its approvals still count; nothing is lost.
        """
        read_at = self._now()
        stored = await self._revalidation.revalidate(stored)
        if not stored.request.is_ready:
            return stored
        request = stored.request
        try:
            refusal, known = await self._before(request)
        except BotError as error:
            refusal, known = Fail(at=self._now(), reason=error.user_message), ()
        if refusal is not None:
            return await self._requests.advance(request.id, refusal)
        if self._now() - read_at > _FRESH:  # Segment took its time
            stored = await self._revalidation.revalidate(stored)
        if not stored.request.is_ready:
            return stored
        try:
            return await self._claim(request, known)
        except RequestDiffersFromLog as error:
            return await self._requests.advance(request.id, Fail(at=self._now(), reason=error.user_message))

    async def execute(self, stored: StoredRequest) -> StoredRequest:
        """Send the claimed change to Segment, and record what came of it.

        Raises:
            RequestClosed: the claim ran out before anything was sent, or somebody else took over meanwhile.
        """
        request = stored.request
        if request.last_claim is None or request.last_claim.until <= self._now():
            raise RequestClosed
        resolved: Mapping[str, SecretStr] = {}
        try:
            await self._secret_use.recheck_request(request)  # the claim may be another process's, under an older policy
            resolved = await self._resolved(request)
            move: Transition = await self._act(request, resolved)
        except BotError as error:
            move = await self._failed(request, error)
        return await self._advance(request, move, resolved.values())

    async def resume(self, stored: StoredRequest) -> StoredRequest:
        """Take over a request whose lease has ended, and finish it: look first, and repeat only what may be repeated.

        Raises:
            RequestClosed: another process has it, or its lease has not ended.
        """
        claim = stored.request.last_claim
        try:
            taken = await self._claim(stored.request, claim.known if claim else ())
        except RequestDiffersFromLog as error:  # what was sent before can't be told from what is stored
            return await self._requests.advance(
                stored.request.id, self._looking.make_lost_transition(stored.request, error.user_message)
            )
        change = taken.request.change
        try:
            repeat = _repeatable(change) and await self._untouched(change)
        except SegmentError as error:
            return await self._advance(
                taken.request, self._looking.make_lost_transition(taken.request, error.user_message, has_looked=False)
            )
        if repeat:
            return await self.execute(taken)
        return await self._advance(
            taken.request, await self._looking.verify(taken.request, "Segment's answer was lost.")
        )

    async def _untouched(self, change: Update | Delete) -> bool:
        """Whether the warehouse is still as it was when the change was asked, so that sending it (again) is right."""
        warehouse = await self._checks.fetch_warehouse(change.space, change.target.id)
        return warehouse is not None and compute_fingerprint(warehouse) == change.target.fingerprint

    async def _failed(self, request: Request, error: BotError) -> Transition:
        left = isinstance(error, OutcomeUnknown) and error.was_sent
        if left or _tried_before(request):  # this attempt, or an earlier one, may have had its effect
            return await self._looking.verify(request, error.user_message)
        return Fail(at=self._now(), reason=error.user_message, errors=getattr(error, "errors", ()))

    async def _advance(
        self, request: Request, move: Transition, sent: Iterable[SecretStr] | None = None
    ) -> StoredRequest:
        own = (await self._struck(move, request, sent)).model_copy(update={"worker": self._worker})
        return await self._requests.advance(request.id, own)

    async def _struck(self, move: Transition, request: Request, sent: Iterable[SecretStr] | None) -> Transition:
        # Segment may quote a secret in an error; what is stored and shown must not.
        if not isinstance(move, Fail | MarkUnknown):
            return move
        return scrub_transition(move, Scrubber(*(await self._values(request) if sent is None else sent)))

    async def _values(self, request: Request) -> list[SecretStr]:
        try:
            return list((await self._resolved(request)).values())
        except BotError:  # this process sent none, so this is only for what Segment may still say of an earlier try
            return []

    async def _claim(self, request: Request, known: tuple[str, ...]) -> StoredRequest:
        now = self._now()
        return await self._requests.advance(
            request.id, Claim(by=self._worker, at=now, until=now + self._lease, known=known, alone=self._alone)
        )

    async def _before(self, request: Request) -> tuple[Transition | None, tuple[str, ...]]:
        change = request.change
        await self._spaces.require_allowed(change.space)
        await self._secret_use.recheck_request(request)
        await self._resolved(request)
        warehouses = await self._checks.fetch_warehouses(change.space)
        if isinstance(change, Create):
            return None, tuple(each.id for each in warehouses)
        warehouse = next((each for each in warehouses if each.id == change.target.id), None)
        if warehouse is None:
            return Supersede(at=self._now(), gone=True), ()
        if compute_fingerprint(warehouse) != change.target.fingerprint:
            return Supersede(at=self._now(), drift=find_drift(change.target, warehouse)), ()
        return None, ()

    async def _act(self, request: Request, secrets: Mapping[str, SecretStr]) -> Transition:
        match request.change:
            case Create() as change:
                return await self._create(change, secrets)
            case Update() as change:
                return await self._update(change, secrets)
            case Delete() as change:
                return await self._delete(request, change)

    async def _create(self, change: Create, secrets: Mapping[str, SecretStr]) -> Transition:
        made = await self._segment.create_warehouse(
            change.space,
            metadata_id=change.metadata_id,
            name=change.name,
            settings={**change.settings, **secrets},
            schema_name=change.schema_name,
            enabled=change.enabled,
        )
        return await self._read_back(change, made.id)

    async def _update(self, change: Update, secrets: Mapping[str, SecretStr]) -> Transition:
        before = await self._checks.fetch_warehouse(change.space, change.target.id)
        if before is None or compute_fingerprint(before) != change.target.fingerprint:
            raise RequestClosed("It changed a moment before this was sent. Ask again.")
        kept = _to_send_again(before)
        await self._segment.update_warehouse(
            change.space,
            change.target.id,
            # Segment may merge or replace: with every setting that we know sent again, both come to the same.
            settings={**kept, **change.settings, **secrets},
            enabled=before.enabled if change.enabled is None else change.enabled,
            name=change.name,
            schema_name=change.schema_name,
        )
        return await self._read_back(change, change.target.id, kept)

    async def _delete(self, request: Request, change: Delete) -> Transition:
        missing = False
        try:
            await self._segment.delete_warehouse(change.space, change.target.id)
        except ResourceMissing:
            missing = True
        try:
            left = await self._checks.fetch_warehouse(change.space, change.target.id)
        except SegmentError as error:
            return (
                self._looking.make_lost_transition(request, error.user_message)
                if missing
                else self._unverified(change.target.id)
            )
        if left is not None:
            said = "does not know it" if missing else "said it is deleted"
            return self._looking.make_lost_transition(request, f"Segment {said}, and still lists it.")
        return Succeed(at=self._now(), warehouse_id=change.target.id, verified=True)

    async def _read_back(
        self, change: Create | Update, warehouse_id: str, kept: Mapping[str, JsonValue] | None = None
    ) -> Transition:
        try:
            warehouse = await self._checks.fetch_warehouse(change.space, warehouse_id)
        except SegmentError:
            return self._unverified(warehouse_id)
        if warehouse is None:
            return Succeed(
                at=self._now(), warehouse_id=warehouse_id, verified=False, note="Segment does not list it yet"
            )
        wrong = (*find_unapplied_fields(change, warehouse), *_not_kept(change, kept or {}, warehouse))
        note = f"Segment shows something else for {', '.join(wrong)}" if wrong else ""
        return Succeed(at=self._now(), warehouse_id=warehouse_id, verified=not wrong, note=note)

    def _unverified(self, warehouse_id: str) -> Succeed:
        note = "Segment said yes; it could not be read back"
        return Succeed(at=self._now(), warehouse_id=warehouse_id, verified=False, note=note)

    async def _resolved(self, request: Request) -> dict[str, SecretStr]:
        refs: Mapping[str, SecretRef] = getattr(request.change, "secrets", {})
        return {key: await self._secrets.resolve(ref) for key, ref in refs.items()}


def _repeatable(change: Change) -> TypeGuard[Update | Delete]:
    # Credentials can't be seen: sent again, they could replace newer ones.
    return isinstance(change, Delete) or (isinstance(change, Update) and not change.secrets)


def _tried_before(request: Request) -> bool:
    return sum(isinstance(move, Claim) for move in request.history) > 1


def _not_kept(change: Create | Update, kept: Mapping[str, JsonValue], warehouse: Warehouse) -> tuple[str, ...]:
    """The settings that the change did not touch and that Segment nevertheless shows differently afterwards."""
    return tuple(
        key for key, value in kept.items() if key not in change.settings and warehouse.settings.get(key) != value
    )


def _to_send_again(warehouse: Warehouse) -> dict[str, JsonValue]:
    kept = (setting.name for setting in warehouse.type.settings if setting.is_writable and not setting.is_secret)
    return {key: warehouse.settings[key] for key in kept if key in warehouse.settings and key != "name"}
