"""The rules that span several keys. Each is asked only about an object whose keys are well-formed one by one."""

from collections import Counter
from collections.abc import Iterable

from bot.sandbox.slack.blockkit.specs import CrossFieldRule, JsonObject, Problem


def require_any(*keys: str) -> CrossFieldRule:
    """At least one of `keys` is there."""
    wanted = " or ".join(f"`{key}`" for key in keys)

    def rule(value: JsonObject, pointer: str) -> list[Problem]:
        return [] if any(key in value for key in keys) else [Problem(f"must define either {wanted}", pointer)]

    return rule


def require_exactly_one(*keys: str) -> CrossFieldRule:
    """Exactly one of `keys` is there."""
    wanted = " or ".join(f"`{key}`" for key in keys)

    def rule(value: JsonObject, pointer: str) -> list[Problem]:
        given = sum(key in value for key in keys)
        return [] if given == 1 else [Problem(f"must define either {wanted}, and only one of them", pointer)]

    return rule


def require_order(low: str, high: str) -> CrossFieldRule:
    """The number under `low`, written as a number or as text, is not above that under `high`."""

    def rule(value: JsonObject, pointer: str) -> list[Problem]:
        fine = low not in value or high not in value or float(value[low]) <= float(value[high])
        return [] if fine else [Problem(f"`{low}` must not be greater than `{high}`", f"{pointer}/{low}")]

    return rule


def list_options(element: JsonObject) -> list[JsonObject]:
    """The options of a menu, grouped or not."""
    groups = element.get("option_groups") or []
    grouped = [option for group in groups for option in group["options"]]
    return [*(element.get("options") or []), *grouped]


def check_distinct_options(value: JsonObject, pointer: str) -> list[Problem]:
    """No two options share a value."""
    again = find_duplicates(option["value"] for option in list_options(value) if "value" in option)
    return [Problem(f"duplicate option value: {each}", pointer) for each in again]


def check_initial_options(value: JsonObject, pointer: str) -> list[Problem]:
    """What is chosen at first is one of the options, word for word."""
    chosen = {f"{pointer}/initial_option": value["initial_option"]} if "initial_option" in value else {}
    for at, option in enumerate(value.get("initial_options", ())):
        chosen[f"{pointer}/initial_options/{at}"] = option
    known = list_options(value)
    missing = (where for where, option in chosen.items() if option not in known)
    return [Problem("initial option must be one of the options", where) for where in missing]


def check_initial_count(value: JsonObject, pointer: str) -> list[Problem]:
    """No more is chosen at first than may be chosen at all."""
    most = value.get("max_selected_items")
    initial = ("initial_options", "initial_users", "initial_conversations", "initial_channels")
    chosen = [each for key in initial for each in value.get(key, ())]
    fine = most is None or len(chosen) <= most
    return [] if fine else [Problem("more is chosen at first than `max_selected_items` allows", pointer)]


def find_duplicates(values: Iterable[str]) -> list[str]:
    """The values that come more than once, each told once."""
    return [value for value, times in Counter(values).items() if times > 1]
