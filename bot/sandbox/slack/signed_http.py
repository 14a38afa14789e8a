"""Signed HTTP: payloads posted to the bot's URL, whose answer is the ack."""

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
    """Posts to `url`, signed with `signing_secret`. It keeps no connection open between two payloads."""

    def __init__(self, url: str, signing_secret: str) -> None:
        self.url = url
        self._signing_secret = signing_secret

    async def send(self, kind: str, payload: Mapping[str, Any], attempt: int) -> Ack:
        """Post the payload and take the answer's body as its ack; any other status than 200 fails."""
        body, content_type = encode_payload(kind, payload)
        # By the machine's time: the bot compares it with its own, which moves with no clock of ours.
        headers = {"Content-Type": content_type, **build_signature_headers(body, time.time(), self._signing_secret)}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_timeout"}
        connector = aiohttp.TCPConnector(force_close=True)
        try:
            async with (
                aiohttp.ClientSession(connector=connector) as session,
                session.post(self.url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                return _ack(answer.status, await answer.text())
        except (aiohttp.ClientError, OSError):
            return Ack(error="dispatch_failed")


def encode_payload(kind: str, payload: Mapping[str, Any]) -> tuple[bytes, str]:
    """A payload's body and content type, as Slack sends that kind."""
    match kind:
        case "slash_commands":
            return urlencode(payload).encode(), FORM_CONTENT_TYPE
        case "interactive":
            return urlencode({"payload": json.dumps(payload)}).encode(), FORM_CONTENT_TYPE
        case _:
            return json.dumps(payload).encode(), JSON_CONTENT_TYPE


def build_signature_headers(body: bytes, now: float, signing_secret: str) -> dict[str, str]:
    """The headers that prove a body to be this workspace's, at this moment."""
    timestamp = str(int(now))
    digest = hmac.new(signing_secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}", "User-Agent": "Slackbot 1.0"}


def _ack(status: int, text: str) -> Ack:
    if status != 200:
        return Ack(error="dispatch_failed")
    if not text.strip():
        return Ack()
    try:
        body = json.loads(text)
    except ValueError:
        return Ack({"text": text})  # a plain text answers a command, as with Slack
    return Ack(body if isinstance(body, dict) and body else None)
