"""Translate expressions from RE2's syntax (github.com/google/re2/wiki/Syntax) to Python's `re` with `re.ASCII`."""

import re

_FLAGS = re.compile(r"\(\?([ims]+(?:-[ims]+)?|-[ims]+)\)")
_NAMED_GROUP = re.compile(r"\(\?P<\w+>")
_QUANTIFIER = re.compile(r"[*+?{]")
_POSIX_CLASSES = {"[:alnum:]": "A-Za-z0-9", "[:alpha:]": "A-Za-z", "[:digit:]": "0-9", "[:word:]": r"\w"}
#: What gitleaks puts before a name to find where its line begins: a search needs none, and is slow with it.
_LEAD = r"[\w.-]{0,50}?"


def translate(pattern: str) -> str:
    r"""The same expression for Python: at most one group in each alternative, which is the outermost of its kind.

    A flag in the midst of RE2's expressions holds up to the end of its group, where Python wants a group of its own;
    `$` and `\z` are the end of the text alone; a `[` in a class is escaped; a group with a name is a mere label.
    """
    pattern, pieces = _NAMED_GROUP.sub("(?:", pattern), list[str]()
    opened = [0]  # how many groups for flags are open in each group
    at = 0
    while at < len(pattern):
        letter = pattern[at]
        if letter == "\\":
            piece = r"\Z" if pattern[at + 1] == "z" else pattern[at : at + 2]
            at += 2
        elif letter == "[":
            piece, at = _read_class(pattern, at)
        elif flags := _FLAGS.match(pattern, at):
            piece, at = f"(?{flags[1]}:", flags.end()
            opened[-1] += 1
        elif letter == "(":
            piece, at = letter, at + 1
            opened.append(0)
        else:
            piece = ")" * (opened.pop() + 1) if letter == ")" else r"\Z" if letter == "$" else letter
            at += 1
        pieces.append(piece)
    return _keep_outer_groups("".join(pieces) + ")" * opened.pop()).replace(_LEAD, "")


def _read_class(pattern: str, at: int) -> tuple[str, int]:
    """The character class that begins at `at`, and where it ends."""
    start = at + 2 if pattern[at + 1] == "^" else at + 1
    body, at = pattern[start - 1] if start == at + 2 else "", start
    while pattern[at] != "]" or at == start:
        posix = next((name for name in _POSIX_CLASSES if pattern.startswith(name, at)), None)
        if posix:
            body, at = body + _POSIX_CLASSES[posix], at + len(posix)
        elif pattern[at] == "\\":
            body, at = body + pattern[at : at + 2], at + 2
        else:
            body, at = body + ("\\" if pattern[at] in "[&|~" else "") + pattern[at], at + 1
    return f"[{body}]", at + 1


def _keep_outer_groups(pattern: str) -> str:
    """`pattern` with no group inside another and none that is repeated: what is left holds the secret."""
    groups = _find_groups(pattern)
    inner = {
        start
        for start, end in groups
        if _QUANTIFIER.match(pattern, end) or any(other < start and end < last for other, last in groups)
    }
    return "".join("(?:" if at in inner else letter for at, letter in enumerate(pattern))


def _find_groups(pattern: str) -> list[tuple[int, int]]:
    """Where the groups that capture begin and end."""
    groups, opened, at = [], list[int](), 0
    while at < len(pattern):
        if pattern[at] == "\\":
            at += 1
        elif pattern[at] == "[":
            at = _read_class(pattern, at)[1] - 1
        elif pattern[at] == "(":
            opened.append(at)
        elif pattern[at] == ")":
            start = opened.pop()
            if not pattern.startswith("(?", start):
                groups.append((start, at + 1))
        at += 1
    return groups
