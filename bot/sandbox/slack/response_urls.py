"""Response URLs: answers to what somebody did, where the bot needs no membership."""

from functools import partial

from aiohttp import web

from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.arguments import Arguments, read_arguments
from bot.sandbox.slack.call_handling import ApiResponse, answer_call
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.messages import parse_content, post_message, set_content
from bot.sandbox.slack.triggers import ResponseUrl
from bot.sandbox.slack.workspace import Message

CALL_NAME = "response_url"
_GONE = {"invalid_url", "expired_url", "used_url"}


async def handle_response_url_call(slack: LocalSlack, request: web.Request) -> web.StreamResponse:
    """Answer one call of a response URL."""
    try:
        arguments, _ = await read_arguments(request)
    except SlackError as error:
        refusal = ApiResponse(error.to_response_body(), 400)
        return await answer_call(slack, request, CALL_NAME, {}, lambda: refusal)
    perform = partial(_perform, slack, request.match_info["secret"], arguments)
    return await answer_call(slack, request, CALL_NAME, arguments.values, perform)


def apply_response(slack: LocalSlack, url: ResponseUrl, arguments: Arguments) -> None:
    """Post, replace or delete as the bot asks; raises SlackError where Slack refuses it."""
    original = slack.workspace.find_message(url.channel, url.ts) if url.ts else None
    if arguments.flag("delete_original"):
        slack.workspace.remove_message(_there(original))
        return
    content = parse_content(arguments)
    if arguments.flag("replace_original") and url.ts:
        message = set_content(_there(original), content)
        slack.workspace.mark_edited(message)
        return
    in_channel = arguments.text("response_type") == "in_channel"
    channel = slack.workspace.channels[url.channel]
    thread_ts = arguments.text("thread_ts")
    post_message(slack, channel, content, thread_ts=thread_ts, visible_to=None if in_channel else url.user)


def _perform(slack: LocalSlack, secret: str, arguments: Arguments) -> ApiResponse:
    try:
        apply_response(slack, slack.response_urls.use(secret), arguments)
    except SlackError as error:
        return ApiResponse(error.to_response_body(), 404 if error.code in _GONE else 400)
    return ApiResponse("ok")


def _there(message: Message | None) -> Message:
    if message is None:
        raise SlackError("message_not_found")
    return message
