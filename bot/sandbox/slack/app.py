"""The local Slack: its state, and its delivery of payloads to the bot."""

from bot.sandbox.clock import Clock
from bot.sandbox.credentials import Credentials
from bot.sandbox.faults import Faults
from bot.sandbox.slack.change_notifier import ChangeNotifier
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.signed_http import SignedHttpTransport
from bot.sandbox.slack.socket_mode import SocketModeTransport
from bot.sandbox.slack.socket_tickets import SocketTickets
from bot.sandbox.slack.triggers import ResponseUrls, Triggers
from bot.sandbox.slack.views import Views
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.traffic_log import TrafficLog


class LocalSlack:
    """One workspace with one installed app. `url` is its own address; the server sets it at start."""

    def __init__(
        self, clock: Clock, faults: Faults, traffic: TrafficLog, changes: ChangeNotifier, credentials: Credentials
    ) -> None:
        self.url = ""
        self.clock = clock
        self.faults = faults
        self.traffic = traffic
        self.changes = changes
        self.credentials = credentials
        self.workspace = Workspace(clock, changes)
        self.views = Views(clock, changes)
        self.triggers = Triggers(clock)
        self.response_urls = ResponseUrls(clock)
        self.socket_tickets = SocketTickets()
        self.sockets = SocketModeTransport()
        self.delivery = Delivery(self.sockets, clock, traffic, changes, credentials.verification_token)

    @property
    def events_url(self) -> str | None:
        """The URL that payloads are posted to, or None in Socket Mode."""
        transport = self.delivery.transport
        return transport.url if isinstance(transport, SignedHttpTransport) else None

    def set_events_url(self, events_url: str | None) -> None:
        """From now on post payloads to `events_url`, or use Socket Mode if it is None."""
        secret = self.credentials.signing_secret
        self.delivery.transport = SignedHttpTransport(events_url, secret) if events_url else self.sockets
        self.changes.notify()

    def create_response_url(self, channel: str, user: str, ts: str | None = None) -> str:
        """Return a new response URL for an interaction of `user` in `channel`, or with its message at `ts`."""
        return f"{self.url}/response/{self.response_urls.issue(channel, user, ts)}"

    def reset(self) -> None:
        """Restore the initial workspace. Connections, the transport and the tokens stay, so a running bot continues."""
        self.workspace.reset()
        self.views.clear()
        self.triggers.clear()
        self.response_urls.clear()

    async def close(self) -> None:
        """Invalidate every ticket and close every Socket Mode connection."""
        self.socket_tickets.clear()
        await self.sockets.close()
