"""Block Kit as the local Slack holds it: what is refused, what state it opens with, what may be submitted."""

from bot.sandbox.slack.blockkit.blocks import Surface
from bot.sandbox.slack.blockkit.ids import with_ids
from bot.sandbox.slack.blockkit.lookup import find_element, find_option
from bot.sandbox.slack.blockkit.specs import Json
from bot.sandbox.slack.blockkit.state import initial_state
from bot.sandbox.slack.blockkit.submission import problems_of_submission
from bot.sandbox.slack.blockkit.surfaces import problems_of_blocks, problems_of_view

__all__ = [
    "Json",
    "Surface",
    "find_element",
    "find_option",
    "initial_state",
    "problems_of_blocks",
    "problems_of_submission",
    "problems_of_view",
    "with_ids",
]
