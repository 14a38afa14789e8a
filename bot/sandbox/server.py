"""Serve the local workspace over HTTP: Slack, Segment, the control API and the page."""

import errno
from functools import partial

from aiohttp import web

from bot.sandbox.control.routes import build_control_routes
from bot.sandbox.cross_site_guard import reject_cross_site_requests
from bot.sandbox.headers import add_security_headers
from bot.sandbox.page_files import build_page_routes
from bot.sandbox.segment.app import build_segment_app
from bot.sandbox.slack.response_urls import handle_response_url_call
from bot.sandbox.slack.web_api import handle_api_call
from bot.sandbox.slack.websocket_upgrades import handle_upgrade
from bot.sandbox.workspace import LocalWorkspace

_MAX_BODY_BYTES = 8 * 1024 * 1024
_SHUTDOWN_SECONDS = 0.2


class PortInUse(Exception):
    """Another program listens on the port; the message says what to do."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(f"port {port} is taken: set PORT to another one, or to 0 for any that is free")


class AddressUnusable(Exception):
    """The workspace can't listen on the address; the message says why."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"The workspace can't listen on {host}, port {port}: {reason}. Nothing was started. "
            "Give --host an address of this machine, and PORT a port that is yours to use."
        )


class WorkspaceServer:
    """Serves a local workspace on 127.0.0.1 and on its `host`; `async with` starts and stops it."""

    def __init__(self, workspace: LocalWorkspace) -> None:
        self._workspace = workspace
        self._runner: web.AppRunner | None = None

    async def start(self) -> LocalWorkspace:
        """Listen, and return the workspace, whose URLs contain the port from then on.

        Raises:
            PortInUse: Another program listens on the port.
            AddressUnusable: Listening fails for another reason.
        """
        app, workspace = build_app(self._workspace), self._workspace
        runner = web.AppRunner(app, handler_cancellation=False, shutdown_timeout=_SHUTDOWN_SECONDS, access_log=None)
        await runner.setup()
        port = workspace.port
        try:
            for address in await workspace.address.resolve():
                await web.TCPSite(runner, address, port).start()
                port = runner.addresses[0][1]
        except OSError as error:
            await runner.cleanup()
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(port) from None
            raise AddressUnusable(workspace.address.host, port, error.strerror or str(error)) from None
        workspace.set_port(port)
        self._runner = runner
        return workspace

    async def stop(self) -> None:
        """Close all connections and free the port; a second call does nothing."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await self._workspace.close()
            await runner.cleanup()

    async def __aenter__(self) -> LocalWorkspace:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


def build_app(workspace: LocalWorkspace) -> web.Application:
    """Build the application that serves the workspace."""
    app = web.Application(middlewares=[reject_cross_site_requests(workspace.address)], client_max_size=_MAX_BODY_BYTES)
    app.on_response_prepare.append(add_security_headers)
    app.router.add_route("*", "/api/{method}", partial(handle_api_call, workspace.slack))
    app.router.add_post("/response/{secret}", partial(handle_response_url_call, workspace.slack))
    app.router.add_get("/link", partial(handle_upgrade, workspace.slack), allow_head=False)
    app.router.add_routes(build_control_routes(workspace))
    app.router.add_routes(build_page_routes())
    app.add_subapp(
        "/segment", build_segment_app(workspace.segment, workspace.clock, workspace.faults, workspace.traffic)
    )
    return app
