"""Parse Slack's payloads into values that have every field that the bot reads."""

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

#: Types of payloads that the bot acknowledges and ignores, as it does events other than app_home_opened.
_IGNORED_TYPES = frozenset({"view_closed", "block_suggestion", "shortcut", "message_action", "app_rate_limited"})


class UnreadablePayload(Exception):
    """The document is not a JSON object, or its type is unknown. The text says which, and quotes nothing of it."""


class _Channel(PayloadPart):
    id: NonEmptyText


class _Team(PayloadPart):
    id: str | None = None
    enterprise_id: str | None = None


class _Person(PayloadPart):
    id: NonEmptyText
    team_id: str | None = None


class _InstallationPayload(PayloadPart):
    """A payload that names the workspace or organisation that it is for."""

    team_id: str | None = None
    enterprise_id: str | None = None
    is_enterprise_install: bool | str | None = None


class _InteractivePayload(_InstallationPayload):
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


class SlashCommand(_InstallationPayload):
    """A slash command."""

    command: NonEmptyText
    user_id: NonEmptyText
    channel_id: NonEmptyText
    trigger_id: NonEmptyText
    text: str = ""
    response_url: str | None = None

    @property
    def interaction(self) -> Interaction:
        """The person who typed it, and how to answer them."""
        return Interaction(self.user_id, self.team_id, self.channel_id, self.trigger_id, self.response_url)


class BlockAction(_InteractivePayload):
    """A click on a button or a choice in a menu, on a message or in a view."""

    type: Literal["block_actions"]
    container: _Container
    actions: Annotated[list[_Action], Field(min_length=1)]
    channel: _Channel | None = None
    response_url: str | None = None
    view: dict[str, JsonValue] = Field(default_factory=dict)

    @property
    def interaction(self) -> Interaction:
        """The person who clicked, and how to answer them."""
        channel = self.channel.id if self.channel else self.user.id
        return Interaction(self.user.id, self.user.team_id, channel, self.trigger_id, self.response_url)

    @property
    def action_id(self) -> str:
        """The id of the button or menu."""
        return self.actions[0].action_id

    @property
    def value(self) -> str:
        """The value of the button, or of the chosen option."""
        action = self.actions[0]
        return action.selected_option.value if action.selected_option else action.value or ""

    @property
    def message(self) -> Card | None:
        """The message with the button; None for an ephemeral message, which only its response_url can replace."""
        container = self.container
        if container.type != "message" or container.is_ephemeral:
            return None
        if not (container.channel_id and container.message_ts):
            return None
        return Card(channel=container.channel_id, ts=container.message_ts)


class ViewSubmission(_InteractivePayload):
    """A submitted form or dialog."""

    type: Literal["view_submission"]
    view: dict[str, JsonValue]

    @property
    def interaction(self) -> Interaction:
        """The person who submitted it, and how to answer them. The channel is the one that the view was opened from."""
        is_dialog = str(self.view.get("callback_id")).startswith("dialog:")
        context = read_dialog_context(self.view) if is_dialog else read_form_context(self.view)
        view_id = str(self.view["id"])
        return Interaction(self.user.id, self.user.team_id, context.channel, self.trigger_id, context.hook, view_id)


class _Event(PayloadPart):
    type: Literal["app_home_opened"]
    user: NonEmptyText
    tab: NonEmptyText


class AppHomeOpened(_InstallationPayload):
    """An event: a person opened a tab of the bot's App Home."""

    type: Literal["event_callback"]
    event: _Event


class UrlVerification(PayloadPart):
    """A request to confirm the request URL in the app's settings, by returning the challenge."""

    type: Literal["url_verification"]
    challenge: str


KnownPayload = SlashCommand | BlockAction | ViewSubmission | AppHomeOpened | UrlVerification


def decode_payload(document: bytes | str) -> Payload:
    """Decode the JSON `document`, with U+FFFD in place of characters that UTF-8 can't encode.

    Raises:
        UnreadablePayload: it is not a JSON object.
    """
    try:
        return _OBJECT.validate_json(replace_unencodable_json(document))
    except ValidationError:
        raise UnreadablePayload("not a JSON object") from None


def parse_payload(payload: Payload) -> KnownPayload | None:
    """Parse `payload`; return None for one that the bot ignores.

    Raises:
        PayloadIncomplete: a field that the bot reads is missing or has the wrong type. The error names it.
        UnreadablePayload: its type is unknown.
    """
    match payload.get("type"):
        case None if "command" in payload:
            return parse_part(SlashCommand, payload)
        case "block_actions":
            return parse_block_action(payload)
        case "view_submission":
            return parse_view_submission(payload)
        case "event_callback":
            return _parse_event(payload)
        case "url_verification":
            return parse_part(UrlVerification, payload)
        case str(payload_type) if payload_type in _IGNORED_TYPES:
            return None
        case str():
            raise UnreadablePayload("a type of payload that the bot does not know")
        case _ if find_sender(payload):
            raise PayloadIncomplete("type")
        case _:
            raise UnreadablePayload("no type of payload, and nobody who sent it")


def parse_slash_command(payload: Mapping[str, object]) -> SlashCommand:
    """Parse a slash command. Raises PayloadIncomplete."""
    return parse_part(SlashCommand, payload)


def parse_block_action(payload: Mapping[str, object]) -> BlockAction:
    """Parse a click or a choice. Raises PayloadIncomplete."""
    press = parse_part(BlockAction, payload)
    action, container = press.actions[0], press.container
    if action.type == "button" and action.value is None:
        raise PayloadIncomplete("actions.0.value")
    if action.type != "button" and action.selected_option is None:
        raise PayloadIncomplete("actions.0.selected_option")
    if container.type == "view":
        check_view(press.view)
    elif press.channel is None:
        raise PayloadIncomplete("channel")
    elif container.channel_id is None or container.message_ts is None:
        raise PayloadIncomplete("container.message_ts" if container.channel_id else "container.channel_id")
    return press


def parse_view_submission(payload: Mapping[str, object]) -> ViewSubmission:
    """Parse a submitted view. Raises PayloadIncomplete."""
    submission = parse_part(ViewSubmission, payload)
    check_view(submission.view)
    return submission


def parse_app_home_opened(payload: Mapping[str, object]) -> AppHomeOpened:
    """Parse the event of an opened App Home. Raises PayloadIncomplete."""
    return parse_part(AppHomeOpened, payload)


def _parse_event(payload: Payload) -> AppHomeOpened | None:
    event = payload.get("event")
    if not isinstance(event, dict):
        raise PayloadIncomplete("event")
    event_type = event.get("type")
    if not isinstance(event_type, str):
        raise PayloadIncomplete("event.type")
    return parse_app_home_opened(payload) if event_type == "app_home_opened" else None


def get_view_hash(view: Mapping[str, object]) -> str | None:
    """Return the hash of the view, which changes with every update; None if Slack leaves it out."""
    view_hash = view.get("hash")
    return view_hash if isinstance(view_hash, str) else None


def find_sender(payload: Payload) -> Interaction | None:
    """Return how to answer the person who sent an incomplete payload; None if nothing in it says how."""
    event, channel = _as_object(payload.get("event")), _as_object(payload.get("channel"))
    container = _as_object(payload.get("container"))
    home_channel = event.get("channel")  # in an event of the App Home: the person's direct message with the bot
    user_id = _find_text(
        _as_object(payload.get("user")).get("id"), payload.get("user_id"), event.get("user"), home_channel
    )
    channel_id = _find_text(channel.get("id"), payload.get("channel_id"), container.get("channel_id"))
    response_url = _find_text(payload.get("response_url"))
    if not (user_id or response_url):
        return None
    return Interaction(
        user_id=user_id,
        team_id=None,
        channel_id=channel_id or user_id,
        trigger_id="",
        response_url=response_url or None,
    )


def _find_text(*candidates: JsonValue) -> str:
    """Return the first candidate that is a text and not empty; an empty text if there is none."""
    return next((each for each in candidates if isinstance(each, str) and each), "")


def _as_object(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}
