"""The App Home: what waits for a decision, and what to type."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.requests.request import StoredRequest
from bot.render.blocks import Block, section
from bot.render.forms import View
from bot.render.notices import render_help
from bot.render.open_requests import render_open_requests


def render_home(requests: Sequence[StoredRequest], links: Mapping[str, str], at: datetime) -> View:
    """The open requests above the commands; `links` has the address of a request's card where there is one."""
    return _home([*render_open_requests(requests, links, at).blocks, {"type": "divider"}, *render_help().blocks])


def render_closed_home(why: str) -> View:
    """The Home of somebody to whom nothing is shown, with one sentence on why."""
    return _home([section(why)])


def _home(blocks: Sequence[Block]) -> View:
    return {"type": "home", "blocks": list(blocks)[:100]}
