"""Slack's own clients, unmodified, beside the local workspace: they know what `sandbox --env` prints, and no more."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.support.local_workspace import Workspace
from tests.support.separate_bot import sandbox, workspace

__all__ = ["sandbox", "workspace"]  # fixtures, found where they are named

Json = dict[str, Any]


@pytest.fixture
def client(workspace: Workspace) -> AsyncWebClient:
    """slack-sdk's client, as its manual makes one."""
    return AsyncWebClient(
        token=workspace.variables["SLACK_BOT_TOKEN"], base_url=workspace.variables["SLACK_API_URL"], timeout=10
    )


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(action_id: str = "approve", label: str = "Approve") -> Json:
    """An actions block with one button."""
    element = {"type": "button", "action_id": action_id, "text": plain(label), "value": "r1"}
    return {"type": "actions", "block_id": "acts", "elements": [element]}


def modal(*more: Json, **content: Any) -> Json:
    """A modal with one input."""
    element = {"type": "plain_text_input", "action_id": "typed"}
    name = {"type": "input", "block_id": "name", "label": plain("Name"), "element": element}
    words = {"callback_id": "m", "title": plain("A modal"), "submit": plain("Save")}
    return {"type": "modal", "blocks": [name, *more], **words, **content}
