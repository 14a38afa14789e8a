"""The App Home: what waits for a decision, and what to type."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.requests.request import Stored
from bot.render.blocks import Block, section
from bot.render.forms import View
from bot.render.inventory import pending_message
from bot.render.notices import help_message


def home_view(requests: Sequence[Stored], links: Mapping[str, str], at: datetime) -> View:
    """The open requests above the commands; `links` has the address of a request's card where there is one."""
    return _home([*pending_message(requests, links, at).blocks, {"type": "divider"}, *help_message().blocks])


def closed_home_view(why: str) -> View:
    """The Home of somebody to whom nothing is shown, with one sentence on why."""
    return _home([section(why)])


def _home(blocks: Sequence[Block]) -> View:
    return {"type": "home", "blocks": list(blocks)[:100]}
