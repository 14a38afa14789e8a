"""The elements of Block Kit, and where each may stand."""

from bot.sandbox.slack.blockkit.rules import (
    check_distinct_options,
    check_initial_count,
    check_initial_options,
    require_exactly_one,
    require_order,
)
from bot.sandbox.slack.blockkit.specs import Array, Boolean, CrossFieldRule, Integer, Object, Spec, TaggedUnion, Text
from bot.sandbox.slack.blockkit.texts import (
    CHECKBOX_OPTION,
    CONFIRM_DIALOG,
    ID,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    SELECT_OPTION,
    STYLE,
    URL,
    plain_text,
    text_object_variants,
)

DECIMAL_TEXT = Text(255, pattern=r"-?[0-9]+(\.[0-9]+)?")
DATE = Text(pattern=r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
TIME = Text(pattern=r"([01][0-9]|2[0-3]):[0-5][0-9]")
USER_OR_CONVERSATION_ID = Text(255, min_length=1)
CONVERSATION_TYPES = Array(Text(choices=("im", "mpim", "private", "public")), 4, min_items=1)
DISPATCH_TRIGGERS = Array(Text(choices=("on_enter_pressed", "on_character_entered")), 2)
DISPATCH_ACTION_CONFIG = Object({}, {"trigger_actions_on": DISPATCH_TRIGGERS})
CONVERSATION_FILTER = Object(
    {}, {"include": CONVERSATION_TYPES, "exclude_external_shared_channels": Boolean(), "exclude_bot_users": Boolean()}
)

#: Keys that come together: `asked` can be confirmed, `chosen_from` shows a placeholder, `typed` is written into.
_ASKED: dict[str, Spec] = {"action_id": ID, "confirm": CONFIRM_DIALOG, "focus_on_load": Boolean()}
_CHOSEN_FROM: dict[str, Spec] = _ASKED | {"placeholder": plain_text(150)}
_MANY: dict[str, Spec] = {"max_selected_items": Integer(1, 10_000)}
_TYPED: dict[str, Spec] = {
    "action_id": ID,
    "focus_on_load": Boolean(),
    "placeholder": plain_text(150),
    "dispatch_action_config": DISPATCH_ACTION_CONFIG,
}
_MENU: dict[str, Spec] = {
    "options": Array(SELECT_OPTION, 100, min_items=1),
    "option_groups": Array(OPTION_GROUP, 100, min_items=1),
}
_MENU_RULES: tuple[CrossFieldRule, ...] = (
    require_exactly_one("options", "option_groups"),
    check_distinct_options,
    check_initial_options,
)


def _optional(*rules: CrossFieldRule, common: dict[str, Spec], **more: Spec) -> Object:
    return Object({"type": Text()}, common | more, rules)


def _boxes(**initial: Spec) -> Object:
    required: dict[str, Spec] = {"type": Text(), "options": Array(CHECKBOX_OPTION, 10, min_items=1)}
    return Object(required, _ASKED | initial, (check_distinct_options, check_initial_options))


IMAGE_SOURCE_KEYS: dict[str, Spec] = {
    "image_url": URL,
    "slack_file": Object({}, {"id": Text(255, min_length=1), "url": URL}, (require_exactly_one("id", "url"),)),
}

BUTTON = Object(
    {"type": Text(), "text": plain_text(75)},
    {
        "action_id": ID,
        "url": URL,
        "value": Text(2000),
        "style": STYLE,
        "confirm": CONFIRM_DIALOG,
        "accessibility_label": Text(75, min_length=1),
    },
)
IMAGE = Object(
    {"type": Text(), "alt_text": Text(2000, min_length=1)},
    IMAGE_SOURCE_KEYS,
    (require_exactly_one("image_url", "slack_file"),),
)
OVERFLOW = Object(
    {"type": Text(), "options": Array(OVERFLOW_OPTION, 5, min_items=1)},
    {"action_id": ID, "confirm": CONFIRM_DIALOG},
    (check_distinct_options,),
)

#: What people choose from or pick: in sections, actions and inputs.
SELECTION_ELEMENTS: dict[str, Object] = {
    "static_select": _optional(*_MENU_RULES, common=_CHOSEN_FROM | _MENU, initial_option=SELECT_OPTION),
    "multi_static_select": _optional(
        *_MENU_RULES,
        check_initial_count,
        common=_CHOSEN_FROM | _MENU | _MANY,
        initial_options=Array(SELECT_OPTION, 100, min_items=1),
    ),
    "external_select": _optional(common=_CHOSEN_FROM, initial_option=SELECT_OPTION, min_query_length=Integer(0, 3000)),
    "multi_external_select": _optional(
        check_initial_count,
        common=_CHOSEN_FROM | _MANY,
        initial_options=Array(SELECT_OPTION, 100, min_items=1),
        min_query_length=Integer(0, 3000),
    ),
    "users_select": _optional(common=_CHOSEN_FROM, initial_user=USER_OR_CONVERSATION_ID),
    "multi_users_select": _optional(
        check_initial_count, common=_CHOSEN_FROM | _MANY, initial_users=Array(USER_OR_CONVERSATION_ID, 100)
    ),
    "conversations_select": _optional(
        common=_CHOSEN_FROM,
        initial_conversation=USER_OR_CONVERSATION_ID,
        default_to_current_conversation=Boolean(),
        response_url_enabled=Boolean(),
        filter=CONVERSATION_FILTER,
    ),
    "channels_select": _optional(
        common=_CHOSEN_FROM, initial_channel=USER_OR_CONVERSATION_ID, response_url_enabled=Boolean()
    ),
    "multi_conversations_select": _optional(
        check_initial_count,
        common=_CHOSEN_FROM | _MANY,
        initial_conversations=Array(USER_OR_CONVERSATION_ID, 100),
        default_to_current_conversation=Boolean(),
        filter=CONVERSATION_FILTER,
    ),
    "multi_channels_select": _optional(
        check_initial_count, common=_CHOSEN_FROM | _MANY, initial_channels=Array(USER_OR_CONVERSATION_ID, 100)
    ),
    "checkboxes": _boxes(initial_options=Array(CHECKBOX_OPTION, 10, min_items=1)),
    "radio_buttons": _boxes(initial_option=CHECKBOX_OPTION),
    "datepicker": _optional(common=_CHOSEN_FROM, initial_date=DATE),
    "timepicker": _optional(common=_CHOSEN_FROM, initial_time=TIME, timezone=Text(255, min_length=1)),
    "datetimepicker": Object({"type": Text()}, _ASKED | {"initial_date_time": Integer(1_000_000_000, 9_999_999_999)}),
}

#: What people type into: in inputs alone.
TEXT_INPUT_ELEMENTS: dict[str, Object] = {
    "plain_text_input": _optional(
        require_order("min_length", "max_length"),
        common=_TYPED,
        initial_value=Text(3000),
        multiline=Boolean(),
        min_length=Integer(0, 3000),
        max_length=Integer(1, 3000),
    ),
    "number_input": Object(
        {"type": Text(), "is_decimal_allowed": Boolean()},
        _TYPED | {"initial_value": DECIMAL_TEXT, "min_value": DECIMAL_TEXT, "max_value": DECIMAL_TEXT},
        (require_order("min_value", "max_value"),),
    ),
    "email_text_input": _optional(common=_TYPED, initial_value=Text(3000)),
    "url_text_input": _optional(common=_TYPED, initial_value=Text(3000)),
}

INPUT_ELEMENTS = TaggedUnion(SELECTION_ELEMENTS | TEXT_INPUT_ELEMENTS)
ACTIONS_ELEMENTS = TaggedUnion(SELECTION_ELEMENTS | {"button": BUTTON, "overflow": OVERFLOW})
SECTION_ACCESSORIES = TaggedUnion({**ACTIONS_ELEMENTS.variants, "image": IMAGE})
CONTEXT_ELEMENTS = TaggedUnion(text_object_variants(3000) | {"image": IMAGE})
INTERACTIVE_TYPES = frozenset(INPUT_ELEMENTS.variants) | frozenset(ACTIONS_ELEMENTS.variants)
