"""Modals and Home tabs: each person's stack of views. An update keeps a view's id and changes its hash."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.clock import Clock
from bot.sandbox.slack.blockkit import (
    MAX_VIEW_BYTES,
    add_missing_ids,
    build_initial_state,
    find_element,
    find_option,
    find_view_problems,
)
from bot.sandbox.slack.change_notifier import ChangeNotifier
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.fixtures import APP_ID, BOT_ID, TEAM_ID
from bot.sandbox.slack.workspace import StateValues

MAX_STACK_DEPTH = 3

_TEXT_KEYS = ("private_metadata", "callback_id", "external_id")


@dataclass
class View:
    """A modal or Home tab that a person has open; `values` is the state of its elements."""

    id: str
    user: str
    root_id: str
    previous_id: str | None
    content: dict[str, Any]
    hash: str = ""
    values: StateValues = field(default_factory=dict)

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The view's blocks, all with ids."""
        blocks: list[dict[str, Any]] = self.content["blocks"]
        return blocks

    @property
    def notify_on_close(self) -> bool:
        """Whether the bot is notified when the view is closed."""
        return bool(self.content.get("notify_on_close"))

    def to_json(self) -> dict[str, Any]:
        """Return the view as payloads and responses contain it."""
        content = self.content
        return {
            "id": self.id,
            "team_id": TEAM_ID,
            "type": content["type"],
            "title": content.get("title"),
            "submit": content.get("submit"),
            "close": content.get("close"),
            "blocks": self.blocks,
            **{name: content.get(name) or "" for name in _TEXT_KEYS},
            "state": {"values": self.values},
            "hash": self.hash,
            "clear_on_close": bool(content.get("clear_on_close")),
            "notify_on_close": self.notify_on_close,
            "root_view_id": self.root_id,
            "previous_view_id": self.previous_id,
            "app_id": APP_ID,
            "app_installed_team_id": TEAM_ID,
            "bot_id": BOT_ID,
        }


class Views:
    """All open views. A call that Slack refuses raises SlackError and changes nothing."""

    def __init__(self, clock: Clock, changes: ChangeNotifier) -> None:
        self._clock = clock
        self._changes = changes
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}

    def clear(self) -> None:
        """Close every view."""
        self._stacks.clear()
        self._homes.clear()
        self._changes.notify()

    def get_stack(self, user: str) -> list[View]:
        """Return a person's modals, from bottom to top."""
        return self._stacks.get(user, [])

    def get_top(self, user: str) -> View | None:
        """Return a person's top modal, or None."""
        return next(reversed(self.get_stack(user)), None)

    def get_home(self, user: str) -> View | None:
        """Return a person's Home tab, or None if nothing is published."""
        return self._homes.get(user)

    def open(self, user: str, content: Mapping[str, Any]) -> View:
        """Replace a person's stack with one new view."""
        self._check(content, "modal")
        view = self._set_content(_new_view(user, None), content)
        self._stacks[user] = [view]
        return view

    def push(self, user: str, content: Mapping[str, Any]) -> View:
        """Push a new view onto a person's stack."""
        self._check(content, "modal")
        top = self.get_top(user)
        if top is None:
            raise SlackError("not_found")
        if len(self.get_stack(user)) >= MAX_STACK_DEPTH:
            raise SlackError("push_limit_reached")
        view = self._set_content(_new_view(user, top), content)
        self.get_stack(user).append(view)
        return view

    def find(self, view_id: str, external_id: str = "") -> View:
        """Return an open view by its id or the bot's external id."""
        for view in self._list_all():
            if view.id == view_id or (external_id and view.content.get("external_id") == external_id):
                return view
        raise SlackError("not_found")

    def update(self, view: View, content: Mapping[str, Any], expected_hash: str = "") -> View:
        """Replace a view's content. Values of elements whose block and action ids remain are kept."""
        self._check(content, view.content["type"], view)
        if expected_hash and expected_hash != view.hash:
            raise SlackError("hash_conflict")
        return self._set_content(view, content)

    def publish(self, user: str, content: Mapping[str, Any], expected_hash: str = "") -> View:
        """Publish a person's Home tab."""
        home = self._homes.get(user)
        if home is not None:
            return self.update(home, content, expected_hash)
        self._check(content, "home")
        self._homes[user] = self._set_content(_new_view(user, None), content)
        return self._homes[user]

    def close(self, user: str, view: View) -> None:
        """Remove a view and all views above it from the stack."""
        stack = self.get_stack(user)
        if view in stack:
            del stack[stack.index(view) :]
            self._changes.notify()

    def close_all(self, user: str) -> None:
        """Close all modals of a person."""
        if self._stacks.pop(user, None):
            self._changes.notify()

    def _list_all(self) -> list[View]:
        return [*(view for stack in self._stacks.values() for view in stack), *self._homes.values()]

    def _check(self, content: Mapping[str, Any], kind: str, updated_view: View | None = None) -> None:
        if content.get("type") != kind:
            raise SlackError("invalid_arguments", [f"expected a view of type {kind} [json-pointer:/view/type]"])
        if problems := find_view_problems(content):
            raise SlackError("invalid_arguments", problems)
        if len(json.dumps(content)) > MAX_VIEW_BYTES:
            raise SlackError("view_too_large")
        external_id = content.get("external_id")
        if external_id and any(
            v is not updated_view and v.content.get("external_id") == external_id for v in self._list_all()
        ):
            raise SlackError("duplicate_external_id")

    def _set_content(self, view: View, content: Mapping[str, Any]) -> View:
        view.content = {**content, "blocks": add_missing_ids(content["blocks"])}
        view.values = carry_over_values(view.values, view.blocks)
        view.hash = f"{int(self._clock.now())}.{secrets.token_hex(4)}"
        self._changes.notify()
        return view


def carry_over_values(old_values: StateValues, blocks: list[dict[str, Any]]) -> StateValues:
    """Return the state of `blocks`: the old values of elements with the same ids and type, else the initial values."""
    values: StateValues = build_initial_state(blocks)
    for block_id, states in values.items():
        for action_id, state in states.items():
            old_state = old_values.get(block_id, {}).get(action_id)
            element = find_element(blocks, block_id, action_id)
            if old_state and element and old_state["type"] == state["type"] and _is_still_offered(old_state, element):
                states[action_id] = old_state
    return values


def _is_still_offered(state: Mapping[str, Any], element: dict[str, Any]) -> bool:
    chosen = [state.get("selected_option"), *(state.get("selected_options") or [])]
    if "options" not in element and "option_groups" not in element:
        return True
    return all(option is None or find_option(element, option["value"]) is not None for option in chosen)


def _new_view(user: str, below: View | None) -> View:
    view_id = "V" + secrets.token_hex(5).upper()
    return View(view_id, user, below.root_id if below else view_id, below.id if below else None, {})
