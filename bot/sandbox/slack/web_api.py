"""The Web API: check a call's method and token, then run the method."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from aiohttp import web

from bot.sandbox.credentials import Credentials
from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.arguments import Arguments, read_arguments
from bot.sandbox.slack.call_handling import ApiResponse, answer_call, send_response
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.fixtures import APP_ID, BOT_ID, BOT_SCOPES, BOT_USER_ID, TEAM_ID, TEAM_NAME
from bot.sandbox.slack.methods.channels import METHODS as CHANNEL_METHODS
from bot.sandbox.slack.methods.chat import METHODS as CHAT_METHODS
from bot.sandbox.slack.methods.users import METHODS as USER_METHODS
from bot.sandbox.slack.methods.views import METHODS as VIEW_METHODS

Method = Callable[[LocalSlack, Arguments], Mapping[str, Any]]

_CONNECTIONS_OPEN = "apps.connections.open"
_API_TEST = "api.test"


async def handle_api_call(slack: LocalSlack, request: web.Request) -> web.StreamResponse:
    """Answer one Web API call. Methods that change something accept POST only; other HTTP methods get 405."""
    name = request.match_info["method"]
    if not _allows_http_method(name, request.method):
        return send_response(
            slack,
            name,
            {},
            ApiResponse(SlackError("http_method_not_allowed").to_response_body(), 405, {"Allow": "POST"}),
        )
    try:
        arguments, token = await read_arguments(request)
    except SlackError as error:
        refusal = ApiResponse(error.to_response_body())
        return await answer_call(slack, request, name, {}, lambda: refusal)
    handle_call = partial(_call_method, slack, name, arguments, token)
    return await answer_call(slack, request, name, arguments.values, handle_call)


def _allows_http_method(name: str, http_method: str) -> bool:
    is_read = name in READ_METHODS or name not in METHODS
    return http_method == "POST" or (http_method in {"GET", "HEAD"} and is_read)


def _call_method(slack: LocalSlack, name: str, arguments: Arguments, token: str) -> ApiResponse:
    method = METHODS.get(name)
    if method is None:
        raise SlackError("unknown_method")
    if name != _API_TEST:
        _authorize(slack.credentials, name, token)
    return ApiResponse({"ok": True, **method(slack, arguments)}, headers={"X-OAuth-Scopes": BOT_SCOPES})


def _authorize(credentials: Credentials, name: str, token: str) -> None:
    if not token:
        raise SlackError("not_authed")
    if token not in {credentials.bot_token, credentials.app_token}:
        raise SlackError("invalid_auth")
    if token != (credentials.app_token if name == _CONNECTIONS_OPEN else credentials.bot_token):
        raise SlackError("not_allowed_token_type")


def _api_test(_slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    if error := arguments.text("error"):
        raise SlackError(error)
    return {"args": arguments.values}


def _auth_test(slack: LocalSlack, _arguments: Arguments) -> dict[str, Any]:
    identity = {
        "team": TEAM_NAME,
        "user": "warehouse",
        "team_id": TEAM_ID,
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        "app_id": APP_ID,
    }
    return {"url": slack.url + "/", **identity, "is_enterprise_install": False}


def _connections_open(slack: LocalSlack, _arguments: Arguments) -> dict[str, Any]:
    host = slack.url.removeprefix("http://")
    return {"url": f"ws://{host}/link?ticket={slack.socket_tickets.issue()}&app_id={APP_ID}"}


METHODS: Mapping[str, Method] = {
    _API_TEST: _api_test,
    "auth.test": _auth_test,
    _CONNECTIONS_OPEN: _connections_open,
    **CHAT_METHODS,
    **VIEW_METHODS,
    **USER_METHODS,
    **CHANNEL_METHODS,
}

#: The methods that also accept GET, which slack-sdk uses for most of them. Slack accepts GET for every method. Here a
#: GET must not change anything, because any link or image on a web page makes a browser send one.
READ_METHODS = frozenset(
    {
        _API_TEST,
        "auth.test",
        "chat.getPermalink",
        "conversations.info",
        "conversations.list",
        "conversations.members",
        "usergroups.list",
        "usergroups.users.list",
        "users.info",
        "users.list",
    }
)
