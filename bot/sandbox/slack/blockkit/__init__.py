"""Block Kit in the local Slack: validate blocks and views, build their initial state, check submissions."""

from bot.sandbox.slack.blockkit.blocks import Surface
from bot.sandbox.slack.blockkit.ids import add_missing_ids
from bot.sandbox.slack.blockkit.lookup import find_element, find_option
from bot.sandbox.slack.blockkit.specs import JsonObject
from bot.sandbox.slack.blockkit.state import build_initial_state
from bot.sandbox.slack.blockkit.submission import find_submission_errors
from bot.sandbox.slack.blockkit.surfaces import MAX_VIEW_BYTES, find_block_problems, find_view_problems

__all__ = [
    "MAX_VIEW_BYTES",
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
