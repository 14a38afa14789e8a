"""Signed HTTP: post payloads to the bot's URL; its response is the ack."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack.delivery import Ack

JSON_CONTENT_TYPE = "application/json"
FORM_CONTENT_TYPE = "application/x-www-form-urlencoded"


class SignedHttpTransport:
    """Posts to `url`, signed with `signing_secret`. Each payload uses a new connection."""

    def __init__(self, url: str, signing_secret: str) -> None:
        self.url = url
        self._signing_secret = signing_secret

    async def send(self, kind: str, payload: Mapping[str, Any], attempt: int) -> Ack:
        """Post the payload and return the response's body as the ack. Any status but 200 is a failure."""
        body, content_type = encode_payload(kind, payload)
        # The machine's time, not the workspace's clock: the bot compares it with its own time.
        headers = {"Content-Type": content_type, **build_signature_headers(body, time.time(), self._signing_secret)}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_timeout"}
        connector = aiohttp.TCPConnector(force_close=True)
        try:
            async with (
                aiohttp.ClientSession(connector=connector) as session,
                session.post(self.url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                return _parse_ack(answer.status, await answer.text())
        except (aiohttp.ClientError, OSError):
            return Ack(error="dispatch_failed")


def encode_payload(kind: str, payload: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return the body and content type with which Slack sends a payload of this kind."""
    match kind:
        case "slash_commands":
            return urlencode(payload).encode(), FORM_CONTENT_TYPE
        case "interactive":
            return urlencode({"payload": json.dumps(payload)}).encode(), FORM_CONTENT_TYPE
        case _:
            return json.dumps(payload).encode(), JSON_CONTENT_TYPE


def build_signature_headers(body: bytes, now: float, signing_secret: str) -> dict[str, str]:
    """Return the headers that sign `body` at the time `now`."""
    timestamp = str(int(now))
    digest = hmac.new(signing_secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}", "User-Agent": "Slackbot 1.0"}


def _parse_ack(status: int, text: str) -> Ack:
    if status != 200:
        return Ack(error="dispatch_failed")
    if not text.strip():
        return Ack()
    try:
        body = json.loads(text)
    except ValueError:
        return Ack({"text": text})  # plain text is a message in response to a command, as with Slack
    return Ack(body if isinstance(body, dict) and body else None)
