"""Translate regular expressions from RE2's syntax (github.com/google/re2/wiki/Syntax) to Python's, for `re.ASCII`."""

import re

_FLAGS = re.compile(r"\(\?([ims]+(?:-[ims]+)?|-[ims]+)\)")
_NAMED_GROUP = re.compile(r"\(\?P<\w+>")
_QUANTIFIER = re.compile(r"[*+?{]")
_POSIX_CLASSES = {"[:alnum:]": "A-Za-z0-9", "[:alpha:]": "A-Za-z", "[:digit:]": "0-9", "[:word:]": r"\w"}
#: The prefix with which gitleaks finds the beginning of a line. A search does not need it, and is slow with it.
_LINE_PREFIX = r"[\w.-]{0,50}?"


def translate(pattern: str) -> str:
    r"""Translate `pattern`. Of nested groups, only the outermost captures.

    In RE2, a flag inside an expression applies up to the end of its group; Python needs a separate group for it. `$`
    and `\z` match only the end of the text. `[` in a character class is escaped. Named groups don't capture.
    """
    pattern, pieces = _NAMED_GROUP.sub("(?:", pattern), list[str]()
    open_flag_groups = [0]  # the number of groups for flags that are open in each group
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            piece = r"\Z" if pattern[position + 1] == "z" else pattern[position : position + 2]
            position += 2
        elif character == "[":
            piece, position = _read_class(pattern, position)
        elif flags := _FLAGS.match(pattern, position):
            piece, position = f"(?{flags[1]}:", flags.end()
            open_flag_groups[-1] += 1
        elif character == "(":
            piece, position = character, position + 1
            open_flag_groups.append(0)
        else:
            piece = ")" * (open_flag_groups.pop() + 1) if character == ")" else r"\Z" if character == "$" else character
            position += 1
        pieces.append(piece)
    return _keep_outer_groups("".join(pieces) + ")" * open_flag_groups.pop()).replace(_LINE_PREFIX, "")


def _read_class(pattern: str, position: int) -> tuple[str, int]:
    """Return the character class that begins at `position`, and the position after it."""
    start = position + 2 if pattern[position + 1] == "^" else position + 1
    body, position = pattern[start - 1] if start == position + 2 else "", start
    while pattern[position] != "]" or position == start:
        posix = next((name for name in _POSIX_CLASSES if pattern.startswith(name, position)), None)
        if posix:
            body, position = body + _POSIX_CLASSES[posix], position + len(posix)
        elif pattern[position] == "\\":
            body, position = body + pattern[position : position + 2], position + 2
        else:
            body, position = body + ("\\" if pattern[position] in "[&|~" else "") + pattern[position], position + 1
    return f"[{body}]", position + 1


def _keep_outer_groups(pattern: str) -> str:
    """Return `pattern` with inner and repeated groups made non-capturing: the remaining group holds the secret."""
    groups = _find_groups(pattern)
    inner = {
        start
        for start, end in groups
        if _QUANTIFIER.match(pattern, end) or any(other < start and end < last for other, last in groups)
    }
    return "".join("(?:" if position in inner else character for position, character in enumerate(pattern))


def _find_groups(pattern: str) -> list[tuple[int, int]]:
    """Return the start and end of each capturing group."""
    groups, open_starts, position = [], list[int](), 0
    while position < len(pattern):
        if pattern[position] == "\\":
            position += 1
        elif pattern[position] == "[":
            position = _read_class(pattern, position)[1] - 1
        elif pattern[position] == "(":
            open_starts.append(position)
        elif pattern[position] == ")":
            start = open_starts.pop()
            if not pattern.startswith("(?", start):
                groups.append((start, position + 1))
        position += 1
    return groups
