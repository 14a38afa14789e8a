"""The App Home: the open requests and the commands."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.requests.request import StoredRequest
from bot.render.blocks import Block, section
from bot.render.forms import View
from bot.render.notices import render_help
from bot.render.open_requests import render_open_requests


def render_home(requests: Sequence[StoredRequest], links: Mapping[str, str], at: datetime) -> View:
    """Return the Home with the open requests and the commands; `links` maps request ids to addresses of cards."""
    return _home([*render_open_requests(requests, links, at).blocks, {"type": "divider"}, *render_help().blocks])


def render_closed_home(why: str) -> View:
    """Return the Home of a person who may see nothing, with the reason."""
    return _home([section(why)])


def _home(blocks: Sequence[Block]) -> View:
    return {"type": "home", "blocks": list(blocks)[:100]}
