"""The state of the local workspace: a local Slack and a local Segment that share a clock, faults and a traffic log."""

from collections.abc import Mapping

from bot.sandbox.addresses import LOOPBACK, ListenAddress
from bot.sandbox.clock import Clock
from bot.sandbox.credentials import Credentials
from bot.sandbox.faults import Faults
from bot.sandbox.segment.state import SegmentState
from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.change_notifier import ChangeNotifier
from bot.sandbox.traffic_log import TrafficLog


class LocalWorkspace:
    """A local Slack and a local Segment. Two workspaces share nothing.

    Args:
        port: The port to listen on; 0 takes any free one, and `port` then holds it once the workspace is served.
        events_url: Where the local Slack posts its signed payloads; None sends them over Socket Mode.
        slash_command: The app's slash command, for the page's composer:
            `{command, description, usages: [{usage, summary}]}`.
        host: An address to listen on besides 127.0.0.1.

    Raises:
        ValueError: `host` is neither an IP address nor a host name.
    """

    def __init__(
        self,
        port: int = 8080,
        events_url: str | None = None,
        slash_command: Mapping[str, object] | None = None,
        host: str = LOOPBACK,
    ) -> None:
        self.port = port
        self.address = ListenAddress(host)
        self.credentials = Credentials.generate()
        self.slash_command = slash_command
        self.clock = Clock()
        self.faults = Faults()
        self.changes = ChangeNotifier()
        self.traffic = TrafficLog(self.clock, on_record=self.changes.notify)
        self.segment = SegmentState(self.credentials.segment_token)
        self.slack = LocalSlack(self.clock, self.faults, self.traffic, self.changes, self.credentials)
        self.slack.set_events_url(events_url)

    @property
    def bot_token(self) -> str:
        """The bot's SLACK_BOT_TOKEN."""
        return self.credentials.bot_token

    @property
    def app_token(self) -> str:
        """The bot's SLACK_APP_TOKEN."""
        return self.credentials.app_token

    @property
    def signing_secret(self) -> str:
        """The bot's SLACK_SIGNING_SECRET."""
        return self.credentials.signing_secret

    @property
    def url(self) -> str:
        """The workspace's address without a trailing slash; the URLs in its responses and payloads start with it."""
        return f"http://{self.address.url_host}:{self.port}"

    @property
    def local_url(self) -> str:
        """The workspace's address for clients on this machine; it works with each `host`."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def slack_api_url(self) -> str:
        """The bot's SLACK_API_URL."""
        return self.url + "/api/"

    @property
    def segment_url(self) -> str:
        """The bot's SEGMENT_API_URL."""
        return self.url + "/segment"

    def set_port(self, port: int) -> None:
        """Set the port that the workspace is served on, which its URLs contain."""
        self.port = port
        self.slack.url = self.url

    def reset(self) -> None:
        """Return to the initial state: the fixtures, the machine's time, no faults and an empty traffic log.

        The credentials, the connections and the way payloads reach the bot stay, so a running bot goes on working.
        """
        self.clock.reset()
        self.faults.clear()
        self.segment.reset()
        self.slack.reset()
        self.traffic.clear()
        self.changes.notify()

    async def close(self) -> None:
        """End the streams of events and the bot's connections."""
        self.changes.close()
        await self.slack.close()
