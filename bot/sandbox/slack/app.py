"""The local Slack as one thing: what it holds, and how it reaches the bot."""

from bot.sandbox.clock import Clock
from bot.sandbox.credentials import Credentials
from bot.sandbox.faults import Faults
from bot.sandbox.slack.change_notifier import ChangeNotifier
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.signed_http import SignedHttpTransport
from bot.sandbox.slack.socket_mode import SocketModeTransport
from bot.sandbox.slack.triggers import ResponseUrls, Triggers
from bot.sandbox.slack.views import Views
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.traffic_log import TrafficLog


class LocalSlack:
    """One workspace with one app installed. `url` is where it is served, and is set once that is known."""

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
        self.sockets = SocketModeTransport()
        self.delivery = Delivery(self.sockets, clock, traffic, changes, credentials.verification_token)

    @property
    def events_url(self) -> str | None:
        """Where payloads are posted to, or None in Socket Mode."""
        carrier = self.delivery.transport
        return carrier.url if isinstance(carrier, SignedHttpTransport) else None

    def set_events_url(self, events_url: str | None) -> None:
        """Post payloads to `events_url` from now on, or send them over Socket Mode without one."""
        secret = self.credentials.signing_secret
        self.delivery.transport = SignedHttpTransport(events_url, secret) if events_url else self.sockets
        self.changes.notify()

    def create_response_url(self, channel: str, user: str, ts: str | None = None) -> str:
        """A fresh response URL for what `user` did in `channel`, on the message at `ts` if on any."""
        return f"{self.url}/response/{self.response_urls.issue(channel, user, ts)}"

    def reset(self) -> None:
        """The declared workspace again; connections, the way to the bot and the tokens stay: a running bot goes on."""
        self.workspace.reset()
        self.views.clear()
        self.triggers.clear()
        self.response_urls.clear()
