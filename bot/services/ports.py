"""The ports of the use cases. Adapters are in the other packages, fakes in the tests."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from pydantic import JsonValue, SecretStr

from bot.domain.actors import Actor, UserGroup
from bot.domain.audit.entries import AuditEntry
from bot.domain.one_time_secrets import OneTimeSecret
from bot.domain.requests.request import Card, Request, StoredRequest
from bot.domain.requests.transitions import Transition
from bot.domain.segment_events import SegmentEvent
from bot.domain.warehouses import SecretRef, Space, Warehouse, WarehouseType

#: The present moment, aware.
Now = Callable[[], datetime]

#: Encrypts a value for the handover of that id.
Encrypt = Callable[[str, SecretStr], str]

SettingsToSend = Mapping[str, JsonValue | SecretStr]


class Segment(Protocol):
    """The Public API. Every call may raise SegmentError."""

    async def list_spaces(self) -> tuple[Space, ...]:
        """Every space the token sees."""
        ...

    async def list_warehouses(self, space: Space, *, fresh: bool = False) -> tuple[Warehouse, ...]:
        """Every warehouse of `space`; with `fresh`, read after this call began."""
        ...

    async def list_warehouse_types(self) -> tuple[WarehouseType, ...]:
        """Every warehouse type that can be connected to Profiles Sync, or that we know nothing of."""
        ...

    async def create_warehouse(
        self,
        space: Space,
        *,
        metadata_id: str,
        name: str,
        settings: SettingsToSend,
        schema_name: str | None,
        enabled: bool,
    ) -> Warehouse:
        """Create once; never repeated by the adapter."""
        ...

    async def update_warehouse(
        self,
        space: Space,
        warehouse_id: str,
        *,
        settings: SettingsToSend,
        enabled: bool,
        name: str | None = None,
        schema_name: str | None = None,
    ) -> Warehouse:
        """Change what is given; the adapter may repeat it."""
        ...

    async def delete_warehouse(self, space: Space, warehouse_id: str) -> None:
        """Remove; the adapter may repeat it."""
        ...

    async def list_events(self, warehouse_id: str) -> tuple[SegmentEvent, ...]:
        """The newest events of Segment's own trail about a warehouse, newest first; it holds 90 days."""
        ...

    async def validate_connection(self, metadata_id: str, settings: SettingsToSend) -> str:
        """Try to connect: CONNECTED, FAILED, or a word we don't know."""
        ...


class RequestStore(Protocol):
    """What survives a restart. A transition and its audit entry are one transaction."""

    async def add(self, request: Request, idempotency_key: str) -> tuple[StoredRequest, bool]:
        """Keep a new request; where `idempotency_key` was used before, return its request and False.

        Raises:
            DuplicateRequest: another request asks for the same, of this process or any other.
        """
        ...

    async def get(self, request_id: str) -> StoredRequest | None:
        """The request of that id."""
        ...

    async def list_open(self) -> Sequence[StoredRequest]:
        """Those still open, oldest first."""
        ...

    async def list_outdated(self) -> Sequence[StoredRequest]:
        """Those whose card shows less than the truth, or that ended without one and untold, oldest first."""
        ...

    async def list_by_warehouse(self, warehouse_id: str, limit: int) -> Sequence[StoredRequest]:
        """The newest requests about this warehouse, newest first, at most so many."""
        ...

    async def list_by_name_or_id(self, name_or_id: str, limit: int) -> Sequence[StoredRequest]:
        """The newest requests about a warehouse of that name or id, newest first, at most so many."""
        ...

    async def find_last_succeeded(self, warehouse_id: str) -> StoredRequest | None:
        """The newest request that changed this warehouse."""
        ...

    async def advance(self, request_id: str, transition: Transition) -> StoredRequest:
        """Make one transition, by compare-and-set.

        Raises:
            RequestClosed: the move is not possible (any more).
            RequestDiffersFromLog: it can't be claimed, since it is not what the audit log says.
        """
        ...

    async def mark_announced(self, request_id: str, version: int) -> None:
        """Remember that the thread announces the first `version` transitions."""
        ...

    async def append_audit_entry(self, entry: AuditEntry) -> None:
        """Keep an entry in the audit log that belongs to no request. Raises StoreFailed."""
        ...

    async def save_card(self, request_id: str, card: Card, version: int) -> None:
        """Remember where the card is and what it shows."""
        ...


class Cards(Protocol):
    """Requests as messages in Slack. Calls may raise SlackFailed or ChannelInaccessible (can't post)."""

    async def post(self, request: Request, channel: str) -> Card:
        """Post the card of `request`."""
        ...

    async def update(self, request: Request, card: Card) -> None:
        """Make the card show `request` as it is now. Raises CardGone where it was deleted."""
        ...

    async def notify_requester(self, request: Request) -> None:
        """Tell the requester alone how `request` ended, which has no card."""
        ...

    async def retire_duplicate(self, duplicate: Card, request: Request, card: Card) -> None:
        """Make `duplicate`, a second card of `request`, point to the one that is kept up to date."""
        ...

    async def announce_transition(
        self, request: Request, transition: Transition, card: Card, warehouse: Warehouse | None
    ) -> None:
        """Tell one move of `request` under its card; its end also where it was asked, if that is elsewhere.

        `warehouse` is what came of it, shown redacted. Moves that nobody needs to hear of are passed over.
        """
        ...


class Directory(Protocol):
    """Who is who."""

    async def get_actor(self, user_id: str, team_id: str | None) -> Actor:
        """The facts of the person in a payload, a minute old at the most; ActorKind.UNKNOWN where Slack can't say.

        `team_id` is the team that the payload says they belong to: without one, or with another than this workspace's,
        they are an outsider, unless Slack lists this workspace among those of their organisation that they are in.
        """
        ...

    async def get_actors(self, user_ids: frozenset[str]) -> Mapping[str, Actor]:
        """Return facts about people without a payload, up to a minute old; ActorKind.UNKNOWN where Slack can't say."""
        ...

    async def fetch_actors(self, user_ids: frozenset[str], groups: frozenset[str]) -> Mapping[str, Actor]:
        """Fetch facts about people from Slack, with membership of `groups`; UNKNOWN as in `get_actors`."""
        ...

    async def get_groups(self, names: frozenset[str]) -> Mapping[str, UserGroup]:
        """Those user groups, a minute old at the most; one that Slack can't tell about now is left out."""
        ...


class Secrets(Protocol):
    """Where a SecretRef resolves. Every call ends within seconds."""

    async def list_names(self) -> tuple[str, ...]:
        """The secrets there are, by name, a minute old where their place answers; what does not is left out."""
        ...

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """The value of `ref`, fetched now.

        Raises:
            SecretMissing: there is none, or it is empty.
            SecretProviderUnreachable: nobody can say what it is.
        """
        ...


class OneTimeSecretStore(Protocol):
    """Where handovers are kept, links hashed and values sealed. Every call may raise StoreFailed."""

    async def save_link(self, secret: OneTimeSecret, link_hash: str) -> None:
        """Keep an offer that `link` opens, in place of earlier ones for the same field."""
        ...

    async def find_by_link(self, link_hash: str) -> OneTimeSecret | None:
        """What `link` opens: nothing, where it was used, or never was."""
        ...

    async def redeem_link(self, secret: OneTimeSecret, link_hash: str, encrypted: str, entry: AuditEntry) -> bool:
        """Keep the value for what `link` opens, with its entry in the trail, and use the link up; False where it is."""
        ...

    async def save_value(self, secret: OneTimeSecret, encrypted: str, entry: AuditEntry) -> None:
        """Keep a value that came without a link, with its entry, in place of earlier ones for the same field."""
        ...

    async def list_received(self, form_id: str, user_id: str) -> tuple[OneTimeSecret, ...]:
        """What `person` handed in for the modal `form` and is not erased; what a request took comes first."""
        ...

    async def save_form_view(self, form_id: str, view: str) -> None:
        """Remember how `form` was drawn last, for as long as something is on its way to it."""
        ...

    async def get_form_view(self, form_id: str) -> str | None:
        """How `form` was drawn last."""
        ...

    async def erase_expired(self, now: datetime) -> None:
        """Erase every link and value whose time is over, or whose request has ended."""
        ...


class FormNotifier(Protocol):
    """The modals that people have open."""

    async def show_secret_received(self, secret: OneTimeSecret) -> None:
        """Show in the form that the value has come. Never raises: the form finds it without that, too."""
        ...
