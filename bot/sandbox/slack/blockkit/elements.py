"""The elements of Block Kit, and where each may stand."""

from bot.sandbox.slack.blockkit.rules import (
    distinct_options,
    initial_among_options,
    no_more_initial_than_allowed,
    one_of,
    ordered,
)
from bot.sandbox.slack.blockkit.specs import Array, Flag, OneOf, Rule, Shape, Spec, Text, Whole
from bot.sandbox.slack.blockkit.texts import (
    BOX_OPTION,
    CONFIRM,
    GROUP,
    ID,
    MENU_OPTION,
    OVERFLOW_OPTION,
    STYLE,
    URL,
    formatted_kinds,
    plain,
)

NUMBER = Text(255, pattern=r"-?[0-9]+(\.[0-9]+)?")
DATE = Text(pattern=r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
TIME = Text(pattern=r"([01][0-9]|2[0-3]):[0-5][0-9]")
PERSON_OR_PLACE = Text(255, low=1)
CONVERSATIONS = Array(Text(choices=("im", "mpim", "private", "public")), 4, low=1)
TRIGGERS = Array(Text(choices=("on_enter_pressed", "on_character_entered")), 2)
TYPING = Shape({}, {"trigger_actions_on": TRIGGERS})
FILTER = Shape({}, {"include": CONVERSATIONS, "exclude_external_shared_channels": Flag(), "exclude_bot_users": Flag()})

#: Keys that come together: `asked` can be confirmed, `chosen_from` shows a placeholder, `typed` is written into.
_ASKED: dict[str, Spec] = {"action_id": ID, "confirm": CONFIRM, "focus_on_load": Flag()}
_CHOSEN_FROM: dict[str, Spec] = _ASKED | {"placeholder": plain(150)}
_MANY: dict[str, Spec] = {"max_selected_items": Whole(1, 10_000)}
_TYPED: dict[str, Spec] = {
    "action_id": ID,
    "focus_on_load": Flag(),
    "placeholder": plain(150),
    "dispatch_action_config": TYPING,
}
_MENU: dict[str, Spec] = {"options": Array(MENU_OPTION, 100, low=1), "option_groups": Array(GROUP, 100, low=1)}
_MENU_RULES: tuple[Rule, ...] = (one_of("options", "option_groups"), distinct_options, initial_among_options)


def _optional(*rules: Rule, common: dict[str, Spec], **more: Spec) -> Shape:
    return Shape({"type": Text()}, common | more, rules)


def _boxes(**initial: Spec) -> Shape:
    required: dict[str, Spec] = {"type": Text(), "options": Array(BOX_OPTION, 10, low=1)}
    return Shape(required, _ASKED | initial, (distinct_options, initial_among_options))


IMAGE_KEYS: dict[str, Spec] = {
    "image_url": URL,
    "slack_file": Shape({}, {"id": Text(255, low=1), "url": URL}, (one_of("id", "url"),)),
}

BUTTON = Shape(
    {"type": Text(), "text": plain(75)},
    {
        "action_id": ID,
        "url": URL,
        "value": Text(2000),
        "style": STYLE,
        "confirm": CONFIRM,
        "accessibility_label": Text(75, low=1),
    },
)
IMAGE = Shape({"type": Text(), "alt_text": Text(2000, low=1)}, IMAGE_KEYS, (one_of("image_url", "slack_file"),))
OVERFLOW = Shape(
    {"type": Text(), "options": Array(OVERFLOW_OPTION, 5, low=1)},
    {"action_id": ID, "confirm": CONFIRM},
    (distinct_options,),
)

#: What people choose from or pick: in sections, actions and inputs.
CHOOSERS: dict[str, Shape] = {
    "static_select": _optional(*_MENU_RULES, common=_CHOSEN_FROM | _MENU, initial_option=MENU_OPTION),
    "multi_static_select": _optional(
        *_MENU_RULES,
        no_more_initial_than_allowed,
        common=_CHOSEN_FROM | _MENU | _MANY,
        initial_options=Array(MENU_OPTION, 100, low=1),
    ),
    "external_select": _optional(common=_CHOSEN_FROM, initial_option=MENU_OPTION, min_query_length=Whole(0, 3000)),
    "multi_external_select": _optional(
        no_more_initial_than_allowed,
        common=_CHOSEN_FROM | _MANY,
        initial_options=Array(MENU_OPTION, 100, low=1),
        min_query_length=Whole(0, 3000),
    ),
    "users_select": _optional(common=_CHOSEN_FROM, initial_user=PERSON_OR_PLACE),
    "multi_users_select": _optional(
        no_more_initial_than_allowed, common=_CHOSEN_FROM | _MANY, initial_users=Array(PERSON_OR_PLACE, 100)
    ),
    "conversations_select": _optional(
        common=_CHOSEN_FROM,
        initial_conversation=PERSON_OR_PLACE,
        default_to_current_conversation=Flag(),
        response_url_enabled=Flag(),
        filter=FILTER,
    ),
    "channels_select": _optional(common=_CHOSEN_FROM, initial_channel=PERSON_OR_PLACE, response_url_enabled=Flag()),
    "multi_conversations_select": _optional(
        no_more_initial_than_allowed,
        common=_CHOSEN_FROM | _MANY,
        initial_conversations=Array(PERSON_OR_PLACE, 100),
        default_to_current_conversation=Flag(),
        filter=FILTER,
    ),
    "multi_channels_select": _optional(
        no_more_initial_than_allowed, common=_CHOSEN_FROM | _MANY, initial_channels=Array(PERSON_OR_PLACE, 100)
    ),
    "checkboxes": _boxes(initial_options=Array(BOX_OPTION, 10, low=1)),
    "radio_buttons": _boxes(initial_option=BOX_OPTION),
    "datepicker": _optional(common=_CHOSEN_FROM, initial_date=DATE),
    "timepicker": _optional(common=_CHOSEN_FROM, initial_time=TIME, timezone=Text(255, low=1)),
    "datetimepicker": Shape({"type": Text()}, _ASKED | {"initial_date_time": Whole(1_000_000_000, 9_999_999_999)}),
}

#: What people type into: in inputs alone.
TYPED: dict[str, Shape] = {
    "plain_text_input": _optional(
        ordered("min_length", "max_length"),
        common=_TYPED,
        initial_value=Text(3000),
        multiline=Flag(),
        min_length=Whole(0, 3000),
        max_length=Whole(1, 3000),
    ),
    "number_input": Shape(
        {"type": Text(), "is_decimal_allowed": Flag()},
        _TYPED | {"initial_value": NUMBER, "min_value": NUMBER, "max_value": NUMBER},
        (ordered("min_value", "max_value"),),
    ),
    "email_text_input": _optional(common=_TYPED, initial_value=Text(3000)),
    "url_text_input": _optional(common=_TYPED, initial_value=Text(3000)),
}

IN_INPUT = OneOf(CHOOSERS | TYPED)
IN_ACTIONS = OneOf(CHOOSERS | {"button": BUTTON, "overflow": OVERFLOW})
IN_SECTION = OneOf({**IN_ACTIONS.kinds, "image": IMAGE})
IN_CONTEXT = OneOf(formatted_kinds(3000) | {"image": IMAGE})
INTERACTIVE = frozenset(IN_INPUT.kinds) | frozenset(IN_ACTIONS.kinds)
