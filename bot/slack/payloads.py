"""What the edge needs of Slack's payloads."""

from collections.abc import Mapping
from typing import Any

from bot.domain.requests import Card
from bot.slack.voice import Asked


def asked_by(body: Mapping[str, Any]) -> Asked:
    """Who pressed, and how to answer them."""
    return Asked(
        user=body["user"]["id"],
        team=body["user"].get("team_id"),
        channel=(body.get("channel") or {}).get("id") or body["user"]["id"],
        trigger=body["trigger_id"],
        hook=body.get("response_url"),
    )


def message_of(body: Mapping[str, Any]) -> Card | None:
    """The message whose button was pressed, unless it is an ephemeral, which only a response_url can replace."""
    container = body.get("container") or {}
    if container.get("type") != "message" or container.get("is_ephemeral"):
        return None
    return Card(channel=container["channel_id"], ts=container["message_ts"])
