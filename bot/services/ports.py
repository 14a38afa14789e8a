"""What the use cases need of the world, and nothing more. Adapters live in the other rooms; fakes in the tests."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from pydantic import JsonValue, SecretStr

from bot.domain.actors import Actor, Group
from bot.domain.audit.entries import Entry
from bot.domain.one_time_secrets import Handover
from bot.domain.requests.request import Card, Request, Stored
from bot.domain.requests.transitions import Move
from bot.domain.segment_events import SegmentEvent
from bot.domain.warehouses import SecretRef, Space, Warehouse, WarehouseType

#: The present moment, aware.
Now = Callable[[], datetime]

#: Encrypts a value for the handover of that id.
Seal = Callable[[str, SecretStr], str]

SettingsToSend = Mapping[str, JsonValue | SecretStr]


class Segment(Protocol):
    """The Public API. Every call may raise SegmentError."""

    async def spaces(self) -> tuple[Space, ...]:
        """Every space the token sees."""
        ...

    async def warehouses(self, space: Space, *, fresh: bool = False) -> tuple[Warehouse, ...]:
        """Every warehouse of `space`; with `fresh`, read after this call began."""
        ...

    async def catalog(self) -> tuple[WarehouseType, ...]:
        """Every warehouse type that can be connected to Profiles Sync, or that we know nothing of."""
        ...

    async def create(
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

    async def update(
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

    async def delete(self, space: Space, warehouse_id: str) -> None:
        """Remove; the adapter may repeat it."""
        ...

    async def events(self, warehouse_id: str) -> tuple[SegmentEvent, ...]:
        """The newest events of Segment's own trail about a warehouse, newest first; it holds 90 days."""
        ...

    async def validate(self, metadata_id: str, settings: SettingsToSend) -> str:
        """Try to connect: CONNECTED, FAILED, or a word we don't know."""
        ...


class Requests(Protocol):
    """What survives a restart. A move and its audit entry are one transaction."""

    async def add(self, request: Request, once: str) -> tuple[Stored, bool]:
        """Keep a new request; where `once` was used before, the one it made, and False.

        Raises:
            AlreadyAsked: another request asks for the same, of this process or any other.
        """
        ...

    async def get(self, request_id: str) -> Stored | None:
        """The request of that id."""
        ...

    async def open(self) -> Sequence[Stored]:
        """Those still open, oldest first."""
        ...

    async def behind(self) -> Sequence[Stored]:
        """Those whose card shows less than the truth, or that ended without one and untold, oldest first."""
        ...

    async def about(self, warehouse_id: str, most: int) -> Sequence[Stored]:
        """The newest requests about this warehouse, newest first, at most so many."""
        ...

    async def called(self, wanted: str, most: int) -> Sequence[Stored]:
        """The newest requests about a warehouse of that name or id, newest first, at most so many."""
        ...

    async def last_done(self, warehouse_id: str) -> Stored | None:
        """The newest request that changed this warehouse."""
        ...

    async def advance(self, request_id: str, move: Move) -> Stored:
        """Make one move, by compare-and-set.

        Raises:
            Closed: the move is not possible (any more).
            RequestMismatch: it can't be claimed, since it is not what the audit log says.
        """
        ...

    async def told(self, request_id: str, moves: int) -> None:
        """Remember that the thread tells the first `moves` moves."""
        ...

    async def refused(self, entry: Entry) -> None:
        """Keep a try that was refused, in the audit trail alone."""
        ...

    async def record(self, entry: Entry) -> None:
        """Keep an entry in the audit trail that belongs to no request. Raises StoreFailed."""
        ...

    async def place(self, request_id: str, card: Card, version: int) -> None:
        """Remember where the card is and what it shows."""
        ...


class Cards(Protocol):
    """Requests as messages in Slack. Every call may raise SlackFailed, or NobodySees where the bot can't post."""

    async def post(self, request: Request, channel: str) -> Card:
        """Post the card of `request`."""
        ...

    async def paint(self, request: Request, card: Card) -> None:
        """Make the card show `request` as it is now. Raises CardGone where it was deleted."""
        ...

    async def tell_directly(self, request: Request) -> None:
        """Tell the requester alone how `request` ended, which has no card."""
        ...

    async def retire(self, stray: Card, request: Request, card: Card) -> None:
        """Make `stray`, a second card of `request`, point to the one that is kept up to date."""
        ...

    async def tell(self, request: Request, move: Move, card: Card, warehouse: Warehouse | None) -> None:
        """Tell one move of `request` under its card; its end also where it was asked, if that is elsewhere.

        `warehouse` is what came of it, shown redacted. Moves that nobody needs to hear of are passed over.
        """
        ...


class Directory(Protocol):
    """Who is who."""

    async def actor(self, user_id: str, team_id: str | None) -> Actor:
        """The facts of the person in a payload, a minute old at the most; Kind.UNKNOWN where Slack can't say.

        `team_id` is the team that the payload says they belong to: without one, or with another than this workspace's,
        they are an outsider, unless Slack lists this workspace among those of their organisation that they are in.
        """
        ...

    async def people(self, user_ids: frozenset[str]) -> Mapping[str, Actor]:
        """The facts of people who sent no payload, a minute old at the most; Kind.UNKNOWN where Slack can't say."""
        ...

    async def read(self, user_ids: frozenset[str], groups: frozenset[str]) -> Mapping[str, Actor]:
        """The facts of people, asked of Slack now, with their membership of `groups`; Kind.UNKNOWN as in `people`."""
        ...

    async def groups(self, names: frozenset[str]) -> Mapping[str, Group]:
        """Those user groups, a minute old at the most; one that Slack can't tell about now is left out."""
        ...


class Secrets(Protocol):
    """Where a SecretRef resolves. Every call ends within seconds."""

    async def names(self) -> tuple[str, ...]:
        """The secrets there are, by name, a minute old where their place answers; what does not is left out."""
        ...

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """The value of `ref`, fetched now.

        Raises:
            SecretMissing: there is none, or it is empty.
            SecretsUnreachable: nobody can say what it is.
        """
        ...


class HandoverKeeping(Protocol):
    """Where handovers are kept, links hashed and values sealed. Every call may raise StoreFailed."""

    async def offer(self, handover: Handover, link: str) -> None:
        """Keep an offer that `link` opens, in place of earlier ones for the same field."""
        ...

    async def offered(self, link: str) -> Handover | None:
        """What `link` opens: nothing, where it was used, or never was."""
        ...

    async def hand_in(self, handover: Handover, link: str, sealed: str, entry: Entry) -> bool:
        """Keep the value for what `link` opens, with its entry in the trail, and use the link up; False where it is."""
        ...

    async def keep(self, handover: Handover, sealed: str, entry: Entry) -> None:
        """Keep a value that came without a link, with its entry, in place of earlier ones for the same field."""
        ...

    async def waiting(self, form: str, person: str) -> tuple[Handover, ...]:
        """What `person` handed in for the modal `form` and is not erased; what a request took comes first."""
        ...

    async def drew(self, form: str, drawn: str) -> None:
        """Remember how `form` was drawn last, for as long as something is on its way to it."""
        ...

    async def drawn(self, form: str) -> str | None:
        """How `form` was drawn last."""
        ...

    async def erase_over(self, now: datetime) -> None:
        """Erase every link and value whose time is over, or whose request has ended."""
        ...


class OpenForms(Protocol):
    """The modals that people have open."""

    async def show_received(self, handover: Handover) -> None:
        """Show in the form that the value has come. Never raises: the form finds it without that, too."""
        ...
