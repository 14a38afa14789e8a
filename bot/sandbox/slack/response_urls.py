"""Response URLs: the bot answers an interaction. It need not be a member of the channel."""

from functools import partial

from aiohttp import web

from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.arguments import Arguments, read_arguments
from bot.sandbox.slack.call_handling import ApiResponse, answer_call
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.message_content import parse_content
from bot.sandbox.slack.messages import post_message, set_content
from bot.sandbox.slack.triggers import ResponseUrl
from bot.sandbox.slack.workspace import Message

CALL_NAME = "response_url"
_INVALID_URL_ERRORS = {"invalid_url", "expired_url", "used_url"}


async def handle_response_url_call(slack: LocalSlack, request: web.Request) -> web.StreamResponse:
    """Answer one call to a response URL."""
    try:
        arguments, _ = await read_arguments(request)
    except SlackError as error:
        refusal = ApiResponse(error.to_response_body(), 400)
        return await answer_call(slack, request, CALL_NAME, {}, lambda: refusal)
    handle_call = partial(_use_url, slack, request.match_info["secret"], arguments)
    return await answer_call(slack, request, CALL_NAME, arguments.values, handle_call)


def apply_response(slack: LocalSlack, url: ResponseUrl, arguments: Arguments) -> None:
    """Post, replace or delete a message as `arguments` say.

    Raises:
        SlackError: Slack refuses the answer.
    """
    original = slack.workspace.find_message(url.channel, url.ts) if url.ts else None
    if arguments.flag("delete_original"):
        slack.workspace.remove_message(_require_message(original))
        return
    content = parse_content(arguments)
    if arguments.flag("replace_original") and url.ts:
        message = set_content(_require_message(original), content)
        slack.workspace.mark_edited(message)
        return
    in_channel = arguments.text("response_type") == "in_channel"
    channel = slack.workspace.channels[url.channel]
    thread_ts = arguments.text("thread_ts")
    post_message(slack, channel, content, thread_ts=thread_ts, visible_to=None if in_channel else url.user)


def _use_url(slack: LocalSlack, secret: str, arguments: Arguments) -> ApiResponse:
    try:
        apply_response(slack, slack.response_urls.use(secret), arguments)
    except SlackError as error:
        return ApiResponse(error.to_response_body(), 404 if error.code in _INVALID_URL_ERRORS else 400)
    return ApiResponse("ok")


def _require_message(message: Message | None) -> Message:
    if message is None:
        raise SlackError("message_not_found")
    return message
