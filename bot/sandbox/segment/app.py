"""The local Segment as an aiohttp application."""

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
    """The application to mount under `/segment`; it serves the contract's paths, and 404 for every other."""
    exchange = RequestHandler(state, clock, faults, traffic)
    app = web.Application(client_max_size=2 * MAX_BODY_BYTES)  # over MOST_BYTES the answer is Segment's own 413
    for route in ROUTES:
        app.router.add_route(route.method, route.path, partial(exchange.handle, route))
    app.router.add_route("*", "/{tail:.*}", partial(exchange.handle, None))
    return app
