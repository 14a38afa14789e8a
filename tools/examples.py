"""Generate text that matches a regular expression, the same in each run."""

import importlib
import random
import re
import string
from typing import Any

# Python's parser of regular expressions is not public. A program for developers may use it.
_parser: Any = importlib.import_module("re._parser")

_WORD_CHARS = string.ascii_letters + string.digits
_CATEGORIES = {"CATEGORY_WORD_CHARS": _WORD_CHARS, "CATEGORY_DIGIT": string.digits, "CATEGORY_SPACE": " "}
#: The part of a rule's pattern between a name and its value, in rules that need a name.
_ASSIGNMENT = re.compile(r"\)\(\?:\[ \\t\\w\.-\]\{0,20\}\)\[\\s'\"\]\{0,3\}\)?\(\?:=\|>.*?\)\[\\x60'\"\\s=\]\{0,5\}\(")
#: Prefixes for rules whose keyword is not part of the key.
_PREFIXES = {
    "airtable-personnal-access-token": "airtable: ",
    "facebook-access-token": "facebook: ",
    "harness-api-key": "harness: ",
}


def generate_example(rule: str, pattern: str, number: int) -> str:
    """Generate example `number` for a rule's translated pattern, with the secret between « and »."""
    generator = random.Random(f"{rule} {number}")  # noqa: S311 - examples, not secrets
    assignment = _ASSIGNMENT.search(pattern)
    if assignment:
        names = pattern[: assignment.start()].removeprefix("(?i:(?:")
        value = pattern[assignment.end() :].partition(")(?:[\\x60")[0]
        text = f'{_generate(_parse(names), generator)}_key = "{_generate(_parse(value), generator).strip(chr(34))}"'
    else:
        text = _PREFIXES.get(rule, "") + _generate(_parse(pattern), generator)
    match = re.search(pattern, text, re.ASCII)
    start, end = match.span(match.lastindex or 0) if match else (0, len(text))
    return f"{text[:start]}«{text[start:end]}»{text[end:]}"


def _parse(pattern: str) -> Any:
    return _parser.parse(pattern, re.ASCII)


def _generate(parsed: Any, generator: random.Random) -> str:
    return "".join(_generate_item(str(code), argument, generator) for code, argument in parsed)


def _generate_item(code: str, argument: Any, generator: random.Random) -> str:
    match code:
        case "LITERAL":
            return chr(argument)
        case "ANY":
            return "."
        case "IN":
            return generator.choice(_list_characters(argument))
        case "MAX_REPEAT" | "MIN_REPEAT":
            min_count, _, repeated = argument
            # A repeated dot means any letter. A single one means a dot in most rules.
            if str(repeated[0][0]) == "ANY":
                return "".join(generator.choices(_WORD_CHARS, k=min_count))
            return "".join(_generate(repeated, generator) for _ in range(min_count))
        case "SUBPATTERN":
            return _generate(argument[3], generator)
        case "BRANCH":
            return _generate(generator.choice(argument[1][:-1] or argument[1]), generator)
        case "AT":
            return ""
    raise NotImplementedError(code)


def _list_characters(options: Any) -> list[str]:
    """Return the letters and digits of a character class, or all its characters if it has none."""
    if str(options[0][0]) == "NEGATE":
        return [" "]
    characters = [character for code, argument in options for character in _expand(str(code), argument)]
    return [character for character in characters if character in _WORD_CHARS] or characters


def _expand(code: str, argument: Any) -> str:
    match code:
        case "LITERAL":
            return chr(argument)
        case "RANGE":
            return "".join(map(chr, range(argument[0], argument[1] + 1)))
        case "CATEGORY":
            return _CATEGORIES.get(str(argument), _WORD_CHARS)
    raise NotImplementedError(code)
