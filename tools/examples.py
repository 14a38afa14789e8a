"""Make up text that an expression matches, the same at each run."""

import importlib
import random
import re
import string
from typing import Any

# Python's own parser of expressions has no public name; a program for developers may use it.
_parser: Any = importlib.import_module("re._parser")

_WORD = string.ascii_letters + string.digits
_CATEGORIES = {"CATEGORY_WORD": _WORD, "CATEGORY_DIGIT": string.digits, "CATEGORY_SPACE": " "}
#: The sign between a name and its value in the rules that want a name.
_ASSIGNED = re.compile(r"\)\(\?:\[ \\t\\w\.-\]\{0,20\}\)\[\\s'\"\]\{0,3\}\)?\(\?:=\|>.*?\)\[\\x60'\"\\s=\]\{0,5\}\(")
#: Rules whose keyword stands beside the key, not in it.
_BESIDE = {
    "airtable-personnal-access-token": "airtable: ",
    "facebook-access-token": "facebook: ",
    "harness-api-key": "harness: ",
}


def example_of(rule: str, pattern: str, number: int) -> str:
    """The `number`th text for a rule's translated pattern, the secret in « »."""
    chance = random.Random(f"{rule} {number}")  # noqa: S311 - made up, not secret
    sign = _ASSIGNED.search(pattern)
    if sign:
        names = pattern[: sign.start()].removeprefix("(?i:(?:")
        value = pattern[sign.end() :].partition(")(?:[\\x60")[0]
        text = f'{_write(_parse(names), chance)}_key = "{_write(_parse(value), chance).strip(chr(34))}"'
    else:
        text = _BESIDE.get(rule, "") + _write(_parse(pattern), chance)
    found = re.search(pattern, text, re.ASCII)
    start, end = found.span(found.lastindex or 0) if found else (0, len(text))
    return f"{text[:start]}«{text[start:end]}»{text[end:]}"


def _parse(pattern: str) -> Any:
    return _parser.parse(pattern, re.ASCII)


def _write(parsed: Any, chance: random.Random) -> str:
    return "".join(_write_one(str(code), argument, chance) for code, argument in parsed)


def _write_one(code: str, argument: Any, chance: random.Random) -> str:
    match code:
        case "LITERAL":
            return chr(argument)
        case "ANY":
            return "."
        case "IN":
            return chance.choice(_letters(argument))
        case "MAX_REPEAT" | "MIN_REPEAT":
            least, _, repeated = argument
            # A dot that is repeated is any letter; one alone stands for a dot in most rules.
            if str(repeated[0][0]) == "ANY":
                return "".join(chance.choices(_WORD, k=least))
            return "".join(_write(repeated, chance) for _ in range(least))
        case "SUBPATTERN":
            return _write(argument[3], chance)
        case "BRANCH":
            return _write(chance.choice(argument[1][:-1] or argument[1]), chance)
        case "AT":
            return ""
    raise NotImplementedError(code)


def _letters(options: Any) -> list[str]:
    """The letters and digits of a class, or all of it where it has none."""
    if str(options[0][0]) == "NEGATE":
        return [" "]
    letters = [letter for code, argument in options for letter in _expand(str(code), argument)]
    return [letter for letter in letters if letter in _WORD] or letters


def _expand(code: str, argument: Any) -> str:
    match code:
        case "LITERAL":
            return chr(argument)
        case "RANGE":
            return "".join(map(chr, range(argument[0], argument[1] + 1)))
        case "CATEGORY":
            return _CATEGORIES.get(str(argument), _WORD)
    raise NotImplementedError(code)
