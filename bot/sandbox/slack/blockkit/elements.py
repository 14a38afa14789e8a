"""Specs of the elements of Block Kit, grouped by the blocks that accept them."""

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

#: Keys shared by every element that sends an action, which a dialog may confirm.
_ACTION_KEYS: dict[str, Spec] = {"action_id": ID, "confirm": CONFIRM_DIALOG, "focus_on_load": Boolean()}
#: Keys shared by selects and pickers, which show a placeholder.
_SELECT_KEYS: dict[str, Spec] = _ACTION_KEYS | {"placeholder": plain_text(150)}
_MULTI_KEYS: dict[str, Spec] = {"max_selected_items": Integer(1, 10_000)}
#: Keys shared by the elements that a person types into.
_TEXT_INPUT_KEYS: dict[str, Spec] = {
    "action_id": ID,
    "focus_on_load": Boolean(),
    "placeholder": plain_text(150),
    "dispatch_action_config": DISPATCH_ACTION_CONFIG,
}
#: Keys shared by the selects whose options are in the element itself.
_OPTIONS_KEYS: dict[str, Spec] = {
    "options": Array(SELECT_OPTION, 100, min_items=1),
    "option_groups": Array(OPTION_GROUP, 100, min_items=1),
}
_OPTIONS_RULES: tuple[CrossFieldRule, ...] = (
    require_exactly_one("options", "option_groups"),
    check_distinct_options,
    check_initial_options,
)


def _element(*rules: CrossFieldRule, common: dict[str, Spec], **optional: Spec) -> Object:
    return Object({"type": Text()}, common | optional, rules)


def _option_list(**initial: Spec) -> Object:
    required: dict[str, Spec] = {"type": Text(), "options": Array(CHECKBOX_OPTION, 10, min_items=1)}
    return Object(required, _ACTION_KEYS | initial, (check_distinct_options, check_initial_options))


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

#: Selects and pickers: accepted by section, actions and input blocks.
SELECTION_ELEMENTS: dict[str, Object] = {
    "static_select": _element(*_OPTIONS_RULES, common=_SELECT_KEYS | _OPTIONS_KEYS, initial_option=SELECT_OPTION),
    "multi_static_select": _element(
        *_OPTIONS_RULES,
        check_initial_count,
        common=_SELECT_KEYS | _OPTIONS_KEYS | _MULTI_KEYS,
        initial_options=Array(SELECT_OPTION, 100, min_items=1),
    ),
    "external_select": _element(common=_SELECT_KEYS, initial_option=SELECT_OPTION, min_query_length=Integer(0, 3000)),
    "multi_external_select": _element(
        check_initial_count,
        common=_SELECT_KEYS | _MULTI_KEYS,
        initial_options=Array(SELECT_OPTION, 100, min_items=1),
        min_query_length=Integer(0, 3000),
    ),
    "users_select": _element(common=_SELECT_KEYS, initial_user=USER_OR_CONVERSATION_ID),
    "multi_users_select": _element(
        check_initial_count, common=_SELECT_KEYS | _MULTI_KEYS, initial_users=Array(USER_OR_CONVERSATION_ID, 100)
    ),
    "conversations_select": _element(
        common=_SELECT_KEYS,
        initial_conversation=USER_OR_CONVERSATION_ID,
        default_to_current_conversation=Boolean(),
        response_url_enabled=Boolean(),
        filter=CONVERSATION_FILTER,
    ),
    "channels_select": _element(
        common=_SELECT_KEYS, initial_channel=USER_OR_CONVERSATION_ID, response_url_enabled=Boolean()
    ),
    "multi_conversations_select": _element(
        check_initial_count,
        common=_SELECT_KEYS | _MULTI_KEYS,
        initial_conversations=Array(USER_OR_CONVERSATION_ID, 100),
        default_to_current_conversation=Boolean(),
        filter=CONVERSATION_FILTER,
    ),
    "multi_channels_select": _element(
        check_initial_count,
        common=_SELECT_KEYS | _MULTI_KEYS,
        initial_channels=Array(USER_OR_CONVERSATION_ID, 100),
    ),
    "checkboxes": _option_list(initial_options=Array(CHECKBOX_OPTION, 10, min_items=1)),
    "radio_buttons": _option_list(initial_option=CHECKBOX_OPTION),
    "datepicker": _element(common=_SELECT_KEYS, initial_date=DATE),
    "timepicker": _element(common=_SELECT_KEYS, initial_time=TIME, timezone=Text(255, min_length=1)),
    "datetimepicker": Object(
        {"type": Text()}, _ACTION_KEYS | {"initial_date_time": Integer(1_000_000_000, 9_999_999_999)}
    ),
}

#: Text inputs: accepted by input blocks only.
TEXT_INPUT_ELEMENTS: dict[str, Object] = {
    "plain_text_input": _element(
        require_order("min_length", "max_length"),
        common=_TEXT_INPUT_KEYS,
        initial_value=Text(3000),
        multiline=Boolean(),
        min_length=Integer(0, 3000),
        max_length=Integer(1, 3000),
    ),
    "number_input": Object(
        {"type": Text(), "is_decimal_allowed": Boolean()},
        _TEXT_INPUT_KEYS | {"initial_value": DECIMAL_TEXT, "min_value": DECIMAL_TEXT, "max_value": DECIMAL_TEXT},
        (require_order("min_value", "max_value"),),
    ),
    "email_text_input": _element(common=_TEXT_INPUT_KEYS, initial_value=Text(3000)),
    "url_text_input": _element(common=_TEXT_INPUT_KEYS, initial_value=Text(3000)),
}

INPUT_ELEMENTS = TaggedUnion(SELECTION_ELEMENTS | TEXT_INPUT_ELEMENTS)
ACTIONS_ELEMENTS = TaggedUnion(SELECTION_ELEMENTS | {"button": BUTTON, "overflow": OVERFLOW})
SECTION_ACCESSORIES = TaggedUnion({**ACTIONS_ELEMENTS.variants, "image": IMAGE})
CONTEXT_ELEMENTS = TaggedUnion(text_object_variants(3000) | {"image": IMAGE})
INTERACTIVE_TYPES = frozenset(INPUT_ELEMENTS.variants) | frozenset(ACTIONS_ELEMENTS.variants)
