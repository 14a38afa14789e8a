"""The App Home: what waits for a decision, and what to type."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.requests import Stored
from bot.render.blocks import Block, context, section
from bot.render.checks import pending_message
from bot.render.forms import View
from bot.render.notices import help_message


def home_view(requests: Sequence[Stored], links: Mapping[str, str], at: datetime, note: str = "") -> View:
    """The open requests above the commands; `links` has the address of a request's card where there is one.

    `note` says what of this the person may not do.
    """
    noted = [context(note)] if note else []
    blocks = [*pending_message(requests, links, at).blocks, *noted, {"type": "divider"}, *help_message().blocks]
    return _home(blocks)


def closed_home_view(why: str) -> View:
    """The Home of somebody to whom nothing is shown, with one sentence on why."""
    return _home([section(why)])


def _home(blocks: Sequence[Block]) -> View:
    return {"type": "home", "blocks": list(blocks)[:100]}
