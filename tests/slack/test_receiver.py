"""The HTTP receiver: 401 to requests without a signature, 400 to signed requests that Slack does not send."""

import gzip
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.redaction.scrubber import Scrubber
from bot.slack.app import create_bolt_app
from bot.slack.background import BackgroundTasks
from bot.slack.dispatcher import PayloadDispatcher
from bot.slack.messenger import Messenger
from bot.slack.receivers import EVENTS_PATH, create_http_receiver
from bot.web.server import get_body, run_server

SECRET = "not-a-secret"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
COMMAND = {"command": "/warehouse", "text": "help", "user_id": "U1", "channel_id": "C1", "trigger_id": "1.2.3"}
CANARY = "canary-of-a-body"


class Served(NamedTuple):
    http: httpx.AsyncClient
    commands: list[str]

    async def send(self, body: bytes, kind: str = FORM, *, signed: bool = True, **headers: str) -> httpx.Response:
        """POST `body` as Slack does."""
        signature = sign(body) if signed else {}
        return await self.http.post(EVENTS_PATH, content=body, headers={"Content-Type": kind, **signature, **headers})


def sign(body: bytes) -> dict[str, str]:
    """Slack's headers for `body` (docs.slack.dev, authentication/verifying-requests-from-slack)."""
    at = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), b"v0:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={digest}"}


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    identity = AuthorizeResult(enterprise_id=None, team_id="T0DEMO", bot_user_id="U0BOT", bot_token="xoxb-none")
    client = AsyncWebClient(token="xoxb-none", base_url="http://127.0.0.1:1/")
    app, background_tasks, received = create_bolt_app(client, identity, SECRET), BackgroundTasks(), list[str]()

    @app.command("/warehouse")
    async def on_command(ack: object, body: Mapping[str, str]) -> None:
        received.append(body["text"])
        await ack()  # type: ignore[operator]  # Bolt's own

    receiver = create_http_receiver(
        PayloadDispatcher(app, Messenger(client, Scrubber()), background_tasks), SecretStr(SECRET), get_body
    )
    async with (
        run_server(receiver, "127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http,
    ):
        yield Served(http, received)
        await background_tasks.drain(10)


async def test_signed_payloads_are_accepted(served: Served) -> None:
    assert (await served.send(urlencode(COMMAND).encode())).status_code == 200
    challenge = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"}).encode()
    answer = await served.send(challenge, JSON)
    assert (answer.status_code, answer.json()) == (200, {"challenge": "3eZbrw1aB"})
    assert served.commands == ["help"]


async def test_text_that_is_not_utf_8_arrives_as_replacement_characters(served: Served) -> None:
    odd = urlencode({**COMMAND, "text": "show "}).encode() + b"%ED%A0%BD%00"
    assert (await served.send(odd.replace(b"&user_id", b"%00&user_id"))).status_code == 200
    assert served.commands == ["show \ufffd"]


INVALID = {
    "nothing": (b"", FORM),
    "not UTF-8": (b"\xff\xfe" + CANARY.encode(), FORM),
    "no form": (CANARY.encode(), FORM),
    "JSON called a form": (json.dumps({"type": CANARY}).encode(), FORM),
    "broken JSON": (b'{"type": "' + CANARY.encode(), JSON),
    "a list": (json.dumps([CANARY]).encode(), JSON),
    "a number": (b"7", JSON),
    "null": (b"null", JSON),
    "deep": (b"[" * 100_000, JSON),
    "deep objects": (b'{"a":' * 100_000, JSON),
    "a long number": (b'{"type": ' + b"9" * 100_000 + b"}", JSON),
    "not a number": (b'{"type": NaN}', JSON),
    "an unknown type": (json.dumps({"type": CANARY}).encode(), JSON),
    "a payload that is no JSON": (urlencode({"payload": CANARY}).encode(), FORM),
    "a payload that is a list": (urlencode({"payload": "[]"}).encode(), FORM),
    "an empty payload": (b"payload=", FORM),
    "two payloads": (b"payload=%7B%7D&payload=%7B%7D", FORM),
    "a thousand fields": (b"a=1&" * 1000, FORM),
    "another kind": (CANARY.encode(), "text/plain"),
    "no kind": (CANARY.encode(), ""),
    "an odd kind": (CANARY.encode(), ";;=;charset"),
    "a file": (b"--B\r\n\r\nx\r\n--B--", "multipart/form-data; boundary=B"),
    "an odd charset": (CANARY.encode(), f"{JSON}; charset=utf-7"),
    "compressed": (gzip.compress(urlencode(COMMAND).encode()), FORM),
}


@pytest.mark.parametrize(("body", "kind"), INVALID.values(), ids=INVALID)
async def test_invalid_bodies_are_refused_without_being_quoted(
    served: Served, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, body: bytes, kind: str
) -> None:
    unsigned = await served.send(body, kind, signed=False)
    assert unsigned.status_code == 401
    signed = await served.send(body, kind)
    # Slack signs text only, so no signature of other bytes is valid.
    assert signed.status_code == (400 if _is_text(body) else 401)
    printed = capsys.readouterr()
    for output in (unsigned.text, signed.text, printed.out, printed.err, caplog.text):
        assert CANARY not in output
        assert "Traceback" not in output
    assert served.commands == []


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


FORGED = {
    "none": {},
    "no signature": {"X-Slack-Request-Timestamp": str(int(time.time()))},
    "no time": {"X-Slack-Signature": "v0=abc"},
    "of another": {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=" + "0" * 64},
    "not ASCII": {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=é"},
    "no number": {"X-Slack-Request-Timestamp": "now", "X-Slack-Signature": "v0=0"},
    "a long number": {"X-Slack-Request-Timestamp": "9" * 5000, "X-Slack-Signature": "v0=0"},
    "old": {"X-Slack-Request-Timestamp": "1500000000", "X-Slack-Signature": "v0=0"},
    "empty": {"X-Slack-Request-Timestamp": "", "X-Slack-Signature": ""},
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED)
async def test_requests_without_a_valid_signature_are_refused(served: Served, headers: dict[str, str]) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    answer = await served.http.post(
        EVENTS_PATH, content=urlencode(COMMAND), headers=[(b"Content-Type", FORM.encode()), *raw]
    )
    assert answer.status_code == 401
    assert served.commands == []


async def test_repeated_signature_headers_are_refused(served: Served) -> None:
    body = urlencode(COMMAND).encode()
    for name in ("X-Slack-Signature", "X-Slack-Request-Timestamp"):
        twice = [*sign(body).items(), (name, sign(body)[name]), ("Content-Type", FORM)]
        assert (await served.http.post(EVENTS_PATH, content=body, headers=twice)).status_code == 401
    assert served.commands == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
async def test_other_methods_are_refused(served: Served, method: str) -> None:
    answer = await served.http.request(method, EVENTS_PATH, content=urlencode(COMMAND), headers=sign(b""))
    assert answer.status_code == 405
    assert served.commands == []


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "user", "view", "event", "actions"]) | st.text(max_size=5), inner)
    ),
    max_leaves=10,
)
TYPED = st.builds(
    lambda value, kind: json.dumps({**value, "type": kind}) if isinstance(value, dict) else json.dumps(value),
    JSON_VALUES,
    st.sampled_from(["block_actions", "view_submission", "event_callback", "url_verification", "shortcut"]),
)
BODIES = (
    st.binary(max_size=200)
    | JSON_VALUES.map(lambda value: json.dumps(value).encode())
    | TYPED.map(str.encode)
    | TYPED.map(lambda text: urlencode({"payload": text}).encode())
    | st.dictionaries(st.sampled_from([*COMMAND, "payload"]), st.text(max_size=10)).map(
        lambda form: urlencode(form, errors="replace").encode()
    )
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=BODIES, kind=st.sampled_from([FORM, JSON, "text/plain"]), signed=st.booleans())
async def test_no_input_causes_an_internal_error(served: Served, body: bytes, kind: str, signed: bool) -> None:
    answer = await served.send(body, kind, signed=signed)
    assert answer.status_code in ({200, 400, 401} if signed else {401})
