"""Validate a value against its spec. Nothing here raises, whatever the value is."""

import re
from collections.abc import Iterator
from functools import singledispatch

from bot.sandbox.slack.blockkit.specs import Array, Boolean, Integer, Nullable, Object, Problem, Spec, TaggedUnion, Text


def find_problems(value: object, spec: Spec, pointer: str) -> list[Problem]:
    """Return all violations of `spec` in `value`, whose JSON pointer is `pointer`."""
    return list(_check(spec, value, pointer))


@singledispatch
def _check(spec: object, value: object, pointer: str) -> Iterator[Problem]:  # noqa: ARG001 - AnyValue accepts every value
    return iter(())


@_check.register
def _check_text(spec: Text, value: object, pointer: str) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield Problem("must provide a string", pointer)
    elif spec.choices and value not in spec.choices:
        yield Problem("must be a valid enum value", pointer)
    elif spec.pattern and not re.fullmatch(spec.pattern, value):
        yield Problem(f"must match the pattern {spec.pattern}", pointer)
    elif len(value) < spec.min_length:
        yield Problem(f"must be more than {spec.min_length - 1} characters", pointer)
    elif spec.max_length is not None and len(value) > spec.max_length:
        yield Problem(f"must be less than {spec.max_length + 1} characters", pointer)


@_check.register
def _check_integer(spec: Integer, value: object, pointer: str) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, int):
        yield Problem("must provide an integer", pointer)
    elif value < spec.minimum:
        yield Problem(f"must be greater than {spec.minimum - 1}", pointer)
    elif value > spec.maximum:
        yield Problem(f"must be less than {spec.maximum + 1}", pointer)


@_check.register
def _check_boolean(spec: Boolean, value: object, pointer: str) -> Iterator[Problem]:  # noqa: ARG001 - the registration selects by type
    if not isinstance(value, bool):
        yield Problem("must provide a boolean", pointer)


@_check.register
def _check_nullable(spec: Nullable, value: object, pointer: str) -> Iterator[Problem]:
    if value is not None:
        yield from _check(spec.inner_spec, value, pointer)


@_check.register
def _check_array(spec: Array, value: object, pointer: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem("must provide an array", pointer)
        return
    if len(value) < spec.min_items:
        yield Problem(f"no fewer than {spec.min_items} items allowed", pointer)
    if len(value) > spec.max_items:
        yield Problem(f"no more than {spec.max_items} items allowed", pointer)
    for index, item in enumerate(value):
        yield from _check(spec.item_spec, item, f"{pointer}/{index}")


@_check.register
def _check_object(spec: Object, value: object, pointer: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem("must provide an object", pointer)
        return
    problems = [Problem(f"missing required field: {key}", pointer) for key in spec.required if key not in value]
    for key, item in value.items():
        item_spec = spec.get_spec(key)
        if item_spec is None:
            problems.append(Problem(f"invalid additional property: {key}", pointer))
        else:
            problems += _check(item_spec, item, f"{pointer}/{key}")
    yield from problems or [problem for rule in spec.rules for problem in rule(value, pointer)]


@_check.register
def _check_union(spec: TaggedUnion, value: object, pointer: str) -> Iterator[Problem]:
    variant = value.get("type") if isinstance(value, dict) else None
    if not isinstance(value, dict):
        yield Problem("must provide an object", pointer)
    elif "type" not in value:
        yield Problem("missing required field: type", pointer)
    elif not isinstance(variant, str):
        yield Problem("must provide a string", f"{pointer}/type")
    elif variant not in spec.variants:
        yield Problem(f"unsupported type: {variant}", f"{pointer}/type")
    else:
        yield from _check(spec.variants[variant], value, pointer)
