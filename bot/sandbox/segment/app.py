"""The aiohttp application of the local Segment."""

from functools import partial

from aiohttp import web

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Faults
from bot.sandbox.segment.request_bodies import MAX_BODY_BYTES
from bot.sandbox.segment.request_handler import RequestHandler
from bot.sandbox.segment.routes import ROUTES
from bot.sandbox.segment.state import SegmentState
from bot.sandbox.traffic_log import TrafficLog


def build_segment_app(state: SegmentState, clock: Clock, faults: Faults, traffic: TrafficLog) -> web.Application:
    """Build the application to mount under `/segment`; it answers 404 to paths outside of the contract."""
    handler = RequestHandler(state, clock, faults, traffic)
    app = web.Application(client_max_size=2 * MAX_BODY_BYTES)  # RequestHandler answers 413 over MAX_BODY_BYTES
    for route in ROUTES:
        app.router.add_route(route.method, route.path, partial(handler.handle, route))
    app.router.add_route("*", "/{tail:.*}", partial(handler.handle, None))
    return app
