"""Parse the text after /warehouse into a command, or raise a UsageError that suggests the nearest match."""

import re
import shlex
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from html import escape, unescape
from itertools import takewhile
from typing import NamedTuple

from bot.domain.commands.commands import (
    Command,
    Create,
    Delete,
    Disable,
    Enable,
    Help,
    History,
    List,
    Pending,
    Show,
    Update,
)
from bot.domain.errors import UsageError, quote_code


class CommandSpec(NamedTuple):
    """The syntax of one command: its usage, what it does, and its flags (True: the flag takes a value)."""

    usage: str
    summary: str
    flags: Mapping[str, bool] = {}


#: Every command, in the order in which help shows them.
COMMAND_SPECS: Mapping[str, CommandSpec] = {
    "list": CommandSpec(
        "list [SPACE] [--type T] [--disabled|--enabled] [--find TEXT] [--private]",
        "the warehouses of every space, or of one",
        {"type": True, "disabled": False, "enabled": False, "find": True, "private": False, "page": True},
    ),
    "show": CommandSpec("show WAREHOUSE [--private]", "one warehouse, its secrets hidden", {"private": False}),
    "create": CommandSpec("create [SPACE]", "a new warehouse, through a form"),
    "update": CommandSpec("update WAREHOUSE", "change one, through a form; what matters needs an approval"),
    "enable": CommandSpec("enable WAREHOUSE [--reason TEXT]", "turn its sync on", {"reason": True}),
    "disable": CommandSpec("disable WAREHOUSE [--reason TEXT]", "ask to turn its sync off", {"reason": True}),
    "delete": CommandSpec("delete WAREHOUSE [--reason TEXT]", "ask to delete it", {"reason": True}),
    "history": CommandSpec("history WAREHOUSE", "what was asked of it, beside Segment's own trail"),
    "pending": CommandSpec("pending", "the requests that wait for a decision"),
    "help": CommandSpec("help [COMMAND]", "this, or the usage of one command"),
}

#: Words of other tools for the same commands. They are suggested, never run: a slip must not become a deletion.
_SYNONYMS = {
    "add": "create",
    "describe": "show",
    "destroy": "delete",
    "details": "show",
    "audit": "history",
    "edit": "update",
    "get": "show",
    "ls": "list",
    "new": "create",
    "open": "pending",
    "remove": "delete",
    "requests": "pending",
    "rm": "delete",
    "start": "enable",
    "stop": "disable",
}

_ASKS_HELP = frozenset({"--help", "-h"})

#: Slack and phones replace straight quotes with these, and two hyphens with a dash.
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‘’‚‛′", "'"))
_DASH_FLAG = re.compile(r"(?<!\S)[—–](?=\w)")
_CODE = re.compile(r"(?<!\S)`([^`]*)`(?!\S)")
_MENTION = re.compile(r"<([@#])[A-Z0-9]+(?:\|([^<>]*))?>")
_LINK = re.compile(r"<(?:[^<>|]*\|)?([^<>|]*)>")


def parse_command(text: str) -> Command:
    """Parse what a person typed after /warehouse.

    Quotes of any kind, escaped mentions (`<@U1|bob>` is `@bob`), links and extra blanks are accepted. A name with
    blanks needs no quotes if it comes last.

    Raises:
        UsageError: A word or flag is unknown, or something is missing. It has the nearest match and the command's name.
    """
    words = _split(_as_typed(text))
    if not words:
        return Help()
    word, rest = words[0].casefold(), words[1:]
    if word in _ASKS_HELP:
        return Help()
    if word in COMMAND_SPECS and any(
        each.casefold() in _ASKS_HELP for each in takewhile(lambda each: each != "--", rest)
    ):
        return Help(topic=word)
    if word not in COMMAND_SPECS:
        raise UsageError(f"I don't know {quote_code(words[0])}.", suggestion=_nearest(word))
    return _READERS[word](word, rest)


def format_command(command: Command) -> str:
    """Write `command` as text that `parse_command` reads back; buttons carry it.

    All quotes are written as straight quotes. A name that contains both kinds can't be written and loses its double
    quotes.
    """
    words = [type(command).__name__.lower()]
    match command:
        case Help(topic=topic):
            words += [topic] if topic else []
        case List():
            words += _write_list(command)
        case Show(warehouse=name, private=private):
            words += [*(["--private"] if private else []), *_plain(name)]
        case Create(space=space):
            words += _plain(space) if space else []
        case Update(warehouse=name) | History(warehouse=name):
            words += _plain(name)
        case (
            Enable(warehouse=name, reason=why)
            | Disable(warehouse=name, reason=why)
            | Delete(warehouse=name, reason=why)
        ):
            words += [*([f"--reason={_quote(why)}"] if why else []), *_plain(name)]
        case Pending():
            pass
    return " ".join(words)


def _write_list(command: List) -> list[str]:
    words = [f"--type={_quote(command.type)}"] if command.type else []
    words += [{True: "--enabled", False: "--disabled"}[command.enabled]] if command.enabled is not None else []
    words += [f"--find={_quote(command.find)}"] if command.find else []
    words += ["--private"] if command.private else []
    words += [f"--page={command.page}"] if command.page != 1 else []
    return words + (_plain(command.space) if command.space else [])


def _plain(name: str) -> list[str]:
    return ["--", _quote(name)] if name.startswith("--") else [_quote(name)]


def _quote(word: str) -> str:
    if re.fullmatch(r"[\w.:/][\w.:/-]*", word):
        return word
    word = word.translate(_QUOTES)  # else those within would be read as those around it
    if '"' in word and "'" not in word:
        return f"'{escape(word, quote=False)}'"
    return '"' + escape(word.replace('"', ""), quote=False) + '"'


def _as_typed(text: str) -> str:
    text = _MENTION.sub(lambda found: found[1] + (found[2] or ""), text)
    text = unescape(_LINK.sub(r"\1", text)).translate(_QUOTES)
    return _DASH_FLAG.sub("--", _CODE.sub(r"\1", text))


def _split(text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = lexer.escape = ""
    lexer.quotes = '"' if text.count("'") % 2 else "\"'"  # an odd ' is an apostrophe
    try:
        return list(lexer)
    except ValueError:
        return text.replace('"', " ").split()  # a quote left open: read on as if it weren't there


class _Read(NamedTuple):
    words: tuple[str, ...]
    flags: Mapping[str, str]


def _flags(name: str, words: list[str]) -> _Read:
    known = COMMAND_SPECS[name].flags
    plain: list[str] = []
    flags: dict[str, str] = {}
    left = iter(words)
    for word in left:
        if word == "--":  # what follows is a name, whatever it looks like
            plain += left
            break
        if re.match(r"-[A-Za-z]", word) and word[1:].partition("=")[0].casefold() in known:
            raise UsageError(f"{quote_code(word)} takes two hyphens.", name, f"-{word}")
        if not word.startswith("--"):
            plain.append(word)
            continue
        flag, _, value = word[2:].partition("=")
        flag = flag.casefold()
        if flag not in known:
            raise UsageError(f"`{name}` has no flag {quote_code('--' + flag)}.", name, _nearest_flag(name, flag))
        if known[flag] and not value:
            value = next(left, "")
        if known[flag] and not value:
            raise UsageError(f"`--{flag}` needs a value.", name)
        flags[flag] = value
    return _Read(tuple(plain), flags)


def _read_list(name: str, words: list[str]) -> Command:
    read = _flags(name, words)
    if "enabled" in read.flags and "disabled" in read.flags:
        raise UsageError("`--enabled` and `--disabled` exclude each other; leave both out to see all.", name)
    enabled = {"enabled": True, "disabled": False}
    page = read.flags.get("page", "1")
    if not re.fullmatch(r"[1-9][0-9]{0,4}", page):
        raise UsageError("`--page` counts from 1.", name)
    return List(
        space=" ".join(read.words) or None,
        type=read.flags.get("type"),
        enabled=next((enabled[flag] for flag in enabled if flag in read.flags), None),
        find=read.flags.get("find"),
        private="private" in read.flags,
        page=int(page),
    )


def _read_show(name: str, words: list[str]) -> Command:
    read = _flags(name, words)
    return Show(warehouse=_one(name, read), private="private" in read.flags)


def _read_create(name: str, words: list[str]) -> Command:
    return Create(space=" ".join(_flags(name, words).words) or None)


def _named(command: type[Update | History]) -> Callable[[str, list[str]], Command]:
    return lambda name, words: command(warehouse=_one(name, _flags(name, words)))


def _reader(command: type[Enable | Disable | Delete]) -> Callable[[str, list[str]], Command]:
    def read(name: str, words: list[str]) -> Command:
        found = _flags(name, words)
        return command(warehouse=_one(name, found), reason=found.flags.get("reason"))

    return read


def _one(name: str, read: _Read) -> str:
    if not (wanted := " ".join(read.words).strip()):
        raise UsageError(f"`{name}` needs a warehouse: its id or its name.", name)
    return wanted


def _read_pending(name: str, words: list[str]) -> Command:
    if _flags(name, words).words:
        raise UsageError(f"`{name}` stands alone.", name)
    return Pending()


def _read_help(name: str, words: list[str]) -> Command:
    topic = " ".join(_flags(name, words).words).casefold().removeprefix("/warehouse").strip()
    if topic and topic not in COMMAND_SPECS:
        raise UsageError(f"I don't know {quote_code(topic)}.", suggestion=_nearest(topic))
    return Help(topic=topic or None)


_READERS: Mapping[str, Callable[[str, list[str]], Command]] = {
    "list": _read_list,
    "show": _read_show,
    "create": _read_create,
    "update": _named(Update),
    "history": _named(History),
    "enable": _reader(Enable),
    "disable": _reader(Disable),
    "delete": _reader(Delete),
    "pending": _read_pending,
    "help": _read_help,
}


def _nearest(word: str) -> str | None:
    near = get_close_matches(word, [*COMMAND_SPECS, *_SYNONYMS], n=1, cutoff=0.5)
    return _SYNONYMS.get(near[0], near[0]) if near else None


def _nearest_flag(name: str, flag: str) -> str | None:
    near = get_close_matches(flag, COMMAND_SPECS[name].flags, n=1, cutoff=0.5)
    return f"--{near[0]}" if near else None
