"""What Slack sends, as values that have all that the bot reads of it."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from bot.domain.encodable_text import replace_unencodable_json
from bot.domain.errors import PayloadIncomplete
from bot.domain.requests.request import Card
from bot.render.dialogs import read_dialog_context
from bot.render.forms import read_form_context
from bot.slack.messenger import Interaction
from bot.slack.views import NonEmptyText, Option, PayloadPart, check_view, parse_part

Payload = Mapping[str, JsonValue]

_OBJECT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])

#: Payloads that Slack may send and that mean nothing to the bot; an ack ends them. Other events are such, too.
_IGNORED = frozenset({"view_closed", "block_suggestion", "shortcut", "message_action", "app_rate_limited"})


class UnreadablePayload(Exception):
    """Nothing that Slack sends: no JSON object, or one of an unknown type. The text says which, and quotes nothing."""


class _Place(PayloadPart):
    id: NonEmptyText


class _Team(PayloadPart):
    id: str | None = None
    enterprise_id: str | None = None


class _Person(PayloadPart):
    id: NonEmptyText
    team_id: str | None = None


class _Installed(PayloadPart):
    """The workspace, or the organisation, that a payload is for."""

    team_id: str | None = None
    enterprise_id: str | None = None
    is_enterprise_install: bool | str | None = None


class _Interaction(_Installed):
    user: _Person
    team: _Team | None = None
    enterprise: _Team | None = None
    trigger_id: NonEmptyText


class _Action(PayloadPart):
    action_id: NonEmptyText
    type: Literal["button", "static_select", "overflow"]
    block_id: str | None = None
    value: str | None = None
    selected_option: Option | None = None


class _Container(PayloadPart):
    type: Literal["message", "view"]
    channel_id: NonEmptyText | None = None
    message_ts: NonEmptyText | None = None
    is_ephemeral: bool = False


class SlashCommand(_Installed):
    """A slash command."""

    command: NonEmptyText
    user_id: NonEmptyText
    channel_id: NonEmptyText
    trigger_id: NonEmptyText
    text: str = ""
    response_url: str | None = None

    @property
    def interaction(self) -> Interaction:
        """Who typed it, and how to answer them."""
        return Interaction(self.user_id, self.team_id, self.channel_id, self.trigger_id, self.response_url)


class BlockAction(_Interaction):
    """A press or a choice, on a message or in a view."""

    type: Literal["block_actions"]
    container: _Container
    actions: Annotated[list[_Action], Field(min_length=1)]
    channel: _Place | None = None
    response_url: str | None = None
    view: dict[str, JsonValue] = Field(default_factory=dict)

    @property
    def interaction(self) -> Interaction:
        """Who pressed, and how to answer them."""
        channel = self.channel.id if self.channel else self.user.id
        return Interaction(self.user.id, self.user.team_id, channel, self.trigger_id, self.response_url)

    @property
    def action_id(self) -> str:
        """What was pressed."""
        return self.actions[0].action_id

    @property
    def value(self) -> str:
        """The button's value, or that of the option that was chosen."""
        action = self.actions[0]
        return action.selected_option.value if action.selected_option else action.value or ""

    @property
    def message(self) -> Card | None:
        """The message it was on, unless that is an ephemeral, which only a response_url can replace."""
        place = self.container
        if place.type != "message" or place.is_ephemeral or not (place.channel_id and place.message_ts):
            return None
        return Card(channel=place.channel_id, ts=place.message_ts)


class ViewSubmission(_Interaction):
    """A submitted form or dialog."""

    type: Literal["view_submission"]
    view: dict[str, JsonValue]

    @property
    def interaction(self) -> Interaction:
        """Who submitted it, and how to answer them: as the view remembers from where it was opened."""
        is_dialog = str(self.view.get("callback_id")).startswith("dialog:")
        opened = read_dialog_context(self.view) if is_dialog else read_form_context(self.view)
        form = str(self.view["id"])
        return Interaction(self.user.id, self.user.team_id, opened.channel, self.trigger_id, opened.hook, form)


class _Event(PayloadPart):
    type: Literal["app_home_opened"]
    user: NonEmptyText
    tab: NonEmptyText


class AppHomeOpened(_Installed):
    """Somebody opened a tab of the bot's Home."""

    type: Literal["event_callback"]
    event: _Event


class UrlVerification(PayloadPart):
    """Slack's question whether this is the address that the app's settings name."""

    type: Literal["url_verification"]
    challenge: str


KnownPayload = SlashCommand | BlockAction | ViewSubmission | AppHomeOpened | UrlVerification


def decode_payload(document: bytes | str) -> Payload:
    """The payload in the JSON `document`, with U+FFFD in place of what no UTF-8 holds. Raises Unreadable."""
    try:
        return _OBJECT.validate_json(replace_unencodable_json(document))
    except ValidationError:
        raise UnreadablePayload("not a JSON object") from None


def parse_payload(payload: Payload) -> KnownPayload | None:
    """What `payload` is; None where it means nothing to the bot.

    Raises:
        PayloadIncomplete: something that the bot reads is missing or odd. Names the field.
        Unreadable: its type is unknown.
    """
    match payload.get("type"):
        case None if "command" in payload:
            return parse_part(SlashCommand, payload)
        case "block_actions":
            return parse_block_action(payload)
        case "view_submission":
            return parse_view_submission(payload)
        case "event_callback":
            return _event(payload)
        case "url_verification":
            return parse_part(UrlVerification, payload)
        case str(kind) if kind in _IGNORED:
            return None
        case str():
            raise UnreadablePayload("a type of payload that the bot does not know")
        case _ if find_sender(payload):
            raise PayloadIncomplete("type")
        case _:
            raise UnreadablePayload("no type of payload, and nobody who sent it")


def parse_slash_command(payload: Mapping[str, object]) -> SlashCommand:
    """The slash command. Raises PayloadIncomplete."""
    return parse_part(SlashCommand, payload)


def parse_block_action(payload: Mapping[str, object]) -> BlockAction:
    """The press. Raises PayloadIncomplete."""
    press = parse_part(BlockAction, payload)
    action, place = press.actions[0], press.container
    if action.type == "button" and action.value is None:
        raise PayloadIncomplete("actions.0.value")
    if action.type != "button" and action.selected_option is None:
        raise PayloadIncomplete("actions.0.selected_option")
    if place.type == "view":
        check_view(press.view)
    elif press.channel is None:
        raise PayloadIncomplete("channel")
    elif place.channel_id is None or place.message_ts is None:
        raise PayloadIncomplete("container.message_ts" if place.channel_id else "container.channel_id")
    return press


def parse_view_submission(payload: Mapping[str, object]) -> ViewSubmission:
    """The submitted view. Raises PayloadIncomplete."""
    submission = parse_part(ViewSubmission, payload)
    check_view(submission.view)
    return submission


def parse_app_home_opened(payload: Mapping[str, object]) -> AppHomeOpened:
    """The opened Home. Raises PayloadIncomplete."""
    return parse_part(AppHomeOpened, payload)


def _event(payload: Payload) -> AppHomeOpened | None:
    event = payload.get("event")
    if not isinstance(event, dict):
        raise PayloadIncomplete("event")
    kind = event.get("type")
    if not isinstance(kind, str):
        raise PayloadIncomplete("event.type")
    return parse_app_home_opened(payload) if kind == "app_home_opened" else None


def get_view_hash(view: Mapping[str, object]) -> str | None:
    """The version of the view that Slack showed; None where Slack does not say, which it may leave out."""
    seen = view.get("hash")
    return seen if isinstance(seen, str) else None


def find_sender(payload: Payload) -> Interaction | None:
    """Whoever can be told that `payload` can't be taken; None where nothing in it says how."""
    event, channel = _map(payload.get("event")), _map(payload.get("channel"))
    own = event.get("channel")  # of an event about the Home: the person's direct message with the bot
    user = _first(_map(payload.get("user")).get("id"), payload.get("user_id"), event.get("user"), own)
    place = _first(channel.get("id"), payload.get("channel_id"), _map(payload.get("container")).get("channel_id"))
    hook = _first(payload.get("response_url"))
    if not (user or hook):
        return None
    return Interaction(user_id=user, team_id=None, channel_id=place or user, trigger_id="", response_url=hook or None)


def _first(*candidates: JsonValue) -> str:
    return next((each for each in candidates if isinstance(each, str) and each), "")


def _map(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}
