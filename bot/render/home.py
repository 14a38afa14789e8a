"""The App Home: what waits for a decision, and what to type."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.requests import Stored
from bot.render.blocks import Block
from bot.render.checks import pending_message
from bot.render.forms import View
from bot.render.notices import help_message


def home_view(requests: Sequence[Stored], at: datetime) -> View:
    """The open requests above the commands."""
    blocks: list[Block] = [*pending_message(requests, {}, at).blocks, {"type": "divider"}, *help_message().blocks]
    return {"type": "home", "blocks": blocks[:100]}
