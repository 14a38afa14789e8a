"""Rules that span several keys of an object. Each applies only to an object whose keys are valid one by one."""

from collections import Counter
from collections.abc import Iterable

from bot.sandbox.slack.blockkit.specs import CrossFieldRule, JsonObject, Problem


def require_any(*keys: str) -> CrossFieldRule:
    """Require at least one of `keys`."""
    alternatives = " or ".join(f"`{key}`" for key in keys)

    def rule(value: JsonObject, pointer: str) -> list[Problem]:
        return [] if any(key in value for key in keys) else [Problem(f"must define either {alternatives}", pointer)]

    return rule


def require_exactly_one(*keys: str) -> CrossFieldRule:
    """Require exactly one of `keys`."""
    alternatives = " or ".join(f"`{key}`" for key in keys)

    def rule(value: JsonObject, pointer: str) -> list[Problem]:
        count = sum(key in value for key in keys)
        return [] if count == 1 else [Problem(f"must define either {alternatives}, and only one of them", pointer)]

    return rule


def require_order(low: str, high: str) -> CrossFieldRule:
    """Require the number under `low`, a number or a string, not to exceed the one under `high`."""

    def rule(value: JsonObject, pointer: str) -> list[Problem]:
        is_ordered = low not in value or high not in value or float(value[low]) <= float(value[high])
        return [] if is_ordered else [Problem(f"`{low}` must not be greater than `{high}`", f"{pointer}/{low}")]

    return rule


def list_options(element: JsonObject) -> list[JsonObject]:
    """Return the options of a menu, grouped or not."""
    groups = element.get("option_groups") or []
    grouped = [option for group in groups for option in group["options"]]
    return [*(element.get("options") or []), *grouped]


def check_distinct_options(value: JsonObject, pointer: str) -> list[Problem]:
    """Require that no two options have the same value."""
    duplicates = find_duplicates(option["value"] for option in list_options(value) if "value" in option)
    return [Problem(f"duplicate option value: {duplicate}", pointer) for duplicate in duplicates]


def check_initial_options(value: JsonObject, pointer: str) -> list[Problem]:
    """Require each initial option to equal one of the options."""
    initial_options = {f"{pointer}/initial_option": value["initial_option"]} if "initial_option" in value else {}
    for index, option in enumerate(value.get("initial_options", ())):
        initial_options[f"{pointer}/initial_options/{index}"] = option
    options = list_options(value)
    unknown = (place for place, option in initial_options.items() if option not in options)
    return [Problem("initial option must be one of the options", place) for place in unknown]


def check_initial_count(value: JsonObject, pointer: str) -> list[Problem]:
    """Require that no more items are chosen initially than `max_selected_items` allows."""
    max_items = value.get("max_selected_items")
    initial_keys = ("initial_options", "initial_users", "initial_conversations", "initial_channels")
    count = sum(len(value.get(key, ())) for key in initial_keys)
    is_allowed = max_items is None or count <= max_items
    return [] if is_allowed else [Problem("more is chosen at first than `max_selected_items` allows", pointer)]


def find_duplicates(values: Iterable[str]) -> list[str]:
    """Return the values that occur more than once, each once."""
    return [value for value, count in Counter(values).items() if count > 1]
