"""Block Kit as the local Slack holds it: what is refused, what state it opens with, what may be submitted."""

from bot.sandbox.slack.blockkit.blocks import Surface
from bot.sandbox.slack.blockkit.ids import add_missing_ids
from bot.sandbox.slack.blockkit.lookup import find_element, find_option
from bot.sandbox.slack.blockkit.specs import JsonObject
from bot.sandbox.slack.blockkit.state import build_initial_state
from bot.sandbox.slack.blockkit.submission import find_submission_errors
from bot.sandbox.slack.blockkit.surfaces import find_block_problems, find_view_problems

__all__ = [
    "JsonObject",
    "Surface",
    "add_missing_ids",
    "build_initial_state",
    "find_block_problems",
    "find_element",
    "find_option",
    "find_submission_errors",
    "find_view_problems",
]
