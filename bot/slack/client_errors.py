"""The exceptions that a call of the Slack client may raise."""

import asyncio

import aiohttp
from slack_sdk.errors import SlackClientError

#: `ValueError` means that the answer is not JSON. slack-sdk 3.47 raises `AttributeError` for an answer in plain text,
#: which proxies send.
CLIENT_ERRORS = (aiohttp.ClientError, asyncio.TimeoutError, SlackClientError, OSError, ValueError, AttributeError)
