"""The local workspace on a port: Slack, Segment, the control API and the page."""

import errno
from collections.abc import Mapping
from functools import partial
from typing import Self

from aiohttp import web

from bot.sandbox.addresses import LOOPBACK, ListenAddress
from bot.sandbox.clock import Clock
from bot.sandbox.control.routes import build_control_routes
from bot.sandbox.credentials import Credentials
from bot.sandbox.cross_site_guard import reject_cross_site_requests
from bot.sandbox.faults import Faults
from bot.sandbox.headers import add_security_headers
from bot.sandbox.page_files import build_page_routes
from bot.sandbox.segment.app import build_segment_app
from bot.sandbox.segment.state import SegmentState
from bot.sandbox.slack import response_urls as responses
from bot.sandbox.slack import web_api
from bot.sandbox.slack import websocket_upgrades as upgrades
from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.change_notifier import ChangeNotifier
from bot.sandbox.traffic_log import TrafficLog

_MOST_BYTES = 8 * 1024 * 1024
_PATIENCE = 0.2


class PortInUse(Exception):
    """Something else listens on that port; the message says what to do."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(f"port {port} is taken: set PORT to another one, or to 0 for any that is free")


class AddressUnusable(Exception):
    """The workspace can't listen on that address; the message says why."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"The workspace can't listen on {host}, port {port}: {reason}. Nothing was started. "
            "Give --host an address of this machine, and PORT a port that is yours to use."
        )


class Sandbox:
    """The local workspace, served on 127.0.0.1 and on `host`; `port` 0 takes any free one.

    Raises ValueError where `host` is neither an IP address nor a host name. The tokens are random, and stay the same
    for as long as this object is there.
    Payloads go to `events_url`, signed, or over Socket Mode without one. `command` is what the app declares of its
    slash command, for the composer: `{command, description, usages: [{usage, summary}]}`. `url` and what follows from
    it are known once it has started. Everything is state of this object: two of them don't share anything.
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
        self._runner: web.AppRunner | None = None

    @property
    def bot_token(self) -> str:
        """What the bot takes as SLACK_BOT_TOKEN."""
        return self.credentials.bot_token

    @property
    def app_token(self) -> str:
        """What the bot takes as SLACK_APP_TOKEN."""
        return self.credentials.app_token

    @property
    def signing_secret(self) -> str:
        """What the bot takes as SLACK_SIGNING_SECRET."""
        return self.credentials.signing_secret

    @property
    def url(self) -> str:
        """The workspace's address, without a slash at the end; each URL that it hands out starts with it."""
        return f"http://{self.address.url_host}:{self.port}"

    @property
    def local_url(self) -> str:
        """The workspace's address for clients on this machine; it works with each `host`."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def slack_api_url(self) -> str:
        """What the bot takes as SLACK_API_URL."""
        return self.url + "/api/"

    @property
    def segment_url(self) -> str:
        """What the bot takes as SEGMENT_API_URL."""
        return self.url + "/segment"

    async def start(self) -> Self:
        """Serve. Raises PortBusy where the port is taken, AddressUnusable where listening fails otherwise."""
        runner = web.AppRunner(self._app(), handler_cancellation=False, shutdown_timeout=_PATIENCE, access_log=None)
        await runner.setup()
        try:
            for address in await self.address.resolve():
                await web.TCPSite(runner, address, self.port).start()
                self.port = runner.addresses[0][1]
        except OSError as error:
            await runner.cleanup()
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(self.port) from None
            raise AddressUnusable(self.address.host, self.port, error.strerror or str(error)) from None
        self.slack.url = self.url
        self._runner = runner
        return self

    async def stop(self) -> None:
        """Close every connection and give the port back; stopping twice is stopping once."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        self.changes.close()
        await self.slack.sockets.close()
        await runner.cleanup()

    def reset(self) -> None:
        """The declared workspace and world again, on time, without faults and with an empty log."""
        self.clock.reset()
        self.faults.clear()
        self.segment.reset()
        self.slack.reset()
        self.traffic.clear()
        self.changes.notify()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[reject_cross_site_requests(self.address)], client_max_size=_MOST_BYTES)
        app.on_response_prepare.append(add_security_headers)
        app.router.add_route("*", "/api/{method}", partial(web_api.handle_api_call, self.slack))
        app.router.add_post("/response/{secret}", partial(responses.handle_response_url_call, self.slack))
        app.router.add_get("/link", partial(upgrades.handle_upgrade, self.slack), allow_head=False)
        app.router.add_routes(build_control_routes(self))
        app.router.add_routes(build_page_routes())
        app.add_subapp("/segment", build_segment_app(self.segment, self.clock, self.faults, self.traffic))
        return app
