"""Response URLs: answers to what somebody did, where the bot needs no membership."""

from functools import partial

from aiohttp import web

from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.arguments import Arguments, received
from bot.sandbox.slack.call_handling import Reply, exchange
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.messages import content_of, fill, post
from bot.sandbox.slack.triggers import ResponseUrl
from bot.sandbox.slack.workspace import Message

NAME = "response_url"
_GONE = {"invalid_url", "expired_url", "used_url"}


async def handle(slack: LocalSlack, request: web.Request) -> web.StreamResponse:
    """Answer one call of a response URL."""
    try:
        arguments, _ = await received(request)
    except SlackError as error:
        refusal = Reply(error.answer(), 400)
        return await exchange(slack, request, NAME, {}, lambda: refusal)
    perform = partial(_perform, slack, request.match_info["secret"], arguments)
    return await exchange(slack, request, NAME, arguments.given, perform)


def respond(slack: LocalSlack, url: ResponseUrl, arguments: Arguments) -> None:
    """Post, replace or delete as the bot asks; raises SlackError where Slack refuses it."""
    original = slack.workspace.message(url.channel, url.ts) if url.ts else None
    if arguments.flag("delete_original"):
        slack.workspace.remove(_there(original))
        return
    content = content_of(arguments)
    if arguments.flag("replace_original") and url.ts:
        message = fill(_there(original), content)
        slack.workspace.changed(message)
        return
    in_channel = arguments.text("response_type") == "in_channel"
    channel = slack.workspace.channels[url.channel]
    thread_ts = arguments.text("thread_ts")
    post(slack, channel, content, thread_ts=thread_ts, seen_by=None if in_channel else url.user)


def _perform(slack: LocalSlack, secret: str, arguments: Arguments) -> Reply:
    try:
        respond(slack, slack.response_urls.use(secret), arguments)
    except SlackError as error:
        return Reply(error.answer(), 404 if error.code in _GONE else 400)
    return Reply("ok")


def _there(message: Message | None) -> Message:
    if message is None:
        raise SlackError("message_not_found")
    return message
