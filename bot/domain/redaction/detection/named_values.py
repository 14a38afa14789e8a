"""Find values by the name before them: `password: …`, `PWD=…`, `"api_key": "…"`, `Authorization: …`."""

import re
from base64 import b64decode
from collections.abc import Callable, Iterator

from bot.domain.redaction.detection.public_identifiers import blank_out_identifiers, compute_word_share
from bot.domain.redaction.spans import Span

_PASSWORDS = (
    r"pass(?:wor[dt]|wd|phrase|code)|(?<![a-z])(?:pass|pwd?|pswd)|(?-i:(?<=[a-z])(?:Pwd|Pass))|wachtwoord|kennwort"
    r"|contraseña|mot de passe|senha|hasło|пароль|密码|パスワード|비밀번호"
)
#: Names whose values are secret, whatever they look like. They may have a prefix: `db_password`, `PGPASSWORD`.
_STRONG = (
    rf"(?P<password>{_PASSWORDS})|(?<!:)secret(?:[ _-]?(?:access[ _-]?)?key)?"
    r"|(?:access|account|api|encryption|master|private|shared[ _-]?access|signing|storage|write)[ _-]?key"
    r"|(?:access|api|auth|bearer|(?<![a-z])id|refresh|security|session)[ _-]?token|(?<![a-z])sig|signature"
)
#: Names that harmless values have too: a value counts where it is like no word and no name.
_WEAK = (
    r"(?<![a-z])(?:key|auth|token)|(?-i:(?<=[a-z])(?:Key|Token))|cred(?:ential)?s?|cookie"
    r"|(?<!:)secret(?!\w{0,20}(?:arn|count|id|length|name|path|size|url)\b)[\w-]{1,24}"
)
#: A part of each name, in small letters. Most texts contain none, and a search for names costs forty times as much.
_HINTS = (
    *("pass", "pw", "pswd", "wachtwoord", "kennwort", "contraseña", "mot de passe", "senha", "hasło", "пароль", "密码"),
    *("パスワード", "비밀번호", "secret", "key", "token", "sig", "cred", "auth", "cookie"),
)
#: Between name and value: a sign, or a blank as in `--password hunter2`, `password is hunter2`, `PASSWORD 'hunter2'`.
_SIGN = (
    r"""(?:\\{0,2}["'`\]]){0,3}\s{0,3}(?P<sign>=>|:=|={1,2}|:)[ \t]{0,3}|[ \t]{1,3}(?:(?:is|was|as|by)[ \t]{1,3})?"""
)
_NAME = re.compile(rf"(?i:(?P<strong>{_STRONG})|{_WEAK})(?:{_SIGN})")
# The first 256 characters are enough to judge a value. To read all of it is slow where many names follow each other.
_VALUE = re.compile(
    r"""(?P<quote>\\{0,2}["'`])(?P<quoted>(?:(?!(?P=quote))[^\n]){1,4096}+)"""
    r"""|\{(?P<braced>[^{}\n]{1,4096}+)\}|(?P<bare>[^\s;<>"'`{\[][^\s;<>]{0,255}+)"""
)
_REST = re.compile(r"[^\s;<>]*+")
_IN_QUERY = re.compile(r"[?&][\w.-]{0,60}$")

#: Words about a value, in its place.
_PLACEHOLDER_WORDS = frozenset(
    """
    a an and are as at authentication be been bearer can cannot can't could default denied did does doesn't empty error
    expired expires failed failure false field for from has hasn't have hidden if in incorrect invalid is isn't length
    log login longer missing must n/a needs nil no none not null of off ok okay on only optional or please provided
    redacted rejected required reset rotated see set shorter should string text the this to too true type undefined
    unknown unset use value was were when will with wrong yes you your
    """.split()  # noqa: SIM905 - a list would take a line for each
)
_MASKED = re.compile(
    r"(?:[*•.…#x_-]+|\$\{?[\w.]+\}?|%\w+%|\{\{.*\}\}|\[?(?:redacted|hidden|masked|filtered)\]?)", re.IGNORECASE
)
_REFERENCE = re.compile(r"[A-Z][A-Z0-9_]{2,63}")

_AUTHORIZATION = re.compile(
    r"""(?i:authorization)["'`\\]{0,3}\s{0,3}[:=]\s{0,3}["'`\\]{0,3}(?:[A-Za-z][\w-]{2,20}[ ]{1,3})?"""
    r"""(?P<value>[^\s"'`<>]{4,4096}+)"""
)
_BEARER = re.compile(r"(?i:\bbearer)[ ]{1,3}(?P<value>[\w=~+/.-]{8,4096}+)")
_BASIC = re.compile(r"(?i:\bbasic)[ ]{1,3}(?P<value>[A-Za-z0-9+/]{6,1024}+={0,2})")
_USER_OPTION = re.compile(r"""(?<!\S)(?:-u|--user)[ =]{1,3}["']?[^\s:"']{0,64}:(?P<value>[^\s"']{3,512}+)""")


def find_named_values(text: str) -> Iterator[Span]:
    """Find the values in `text` that a name, an HTTP header or an option of a command calls secret."""
    lowered = text.lower()
    if any(hint in lowered for hint in _HINTS):
        yield from _find_after_names(text)
        yield from _find_values(_AUTHORIZATION, text, lambda value: not _is_placeholder_word(value))
    yield from _find_values(_BEARER, text, _has_letters_and_digits)
    yield from _find_values(_BASIC, text, _is_basic_credentials)
    yield from _find_values(_USER_OPTION, text, bool)


def _find_values(pattern: re.Pattern[str], text: str, is_secret: Callable[[str], bool]) -> Iterator[Span]:
    for match in pattern.finditer(text):
        if is_secret(match["value"]) and not _MASKED.fullmatch(match["value"]):
            yield Span(*match.span("value"))


def _find_after_names(text: str) -> Iterator[Span]:
    position = 0
    while name := _NAME.search(text, position):
        position = name.end()
        value = _VALUE.match(text, position)
        if value and _is_secret(name, value, _strip_closing(value[value.lastgroup or 0])):
            start, position = value.span(value.lastgroup or 0)
            yield Span(start, position if value["bare"] is None else _find_bare_end(text, name, value))


def _find_bare_end(text: str, name: re.Match[str], value: re.Match[str]) -> int:
    """Return where a value without quotes ends: before the end of its sentence or of its query parameter."""
    rest = _REST.match(text, value.start())
    whole = rest[0] if rest else value[0]
    if _IN_QUERY.search(text, max(0, name.start() - 64), name.start()):
        whole = whole.partition("&")[0]
    return value.start() + len(_strip_closing(whole))


def _strip_closing(value: str) -> str:
    return value.rstrip("\"'`,.)]}\\")


def _is_secret(name: re.Match[str], value: re.Match[str], text: str) -> bool:
    if not text or _MASKED.fullmatch(text[:256]) or '":' in text:
        return False
    if name["sign"] is None:
        is_clear = value["quoted"] is not None or (len(text) >= 6 and _has_letters_and_digits(text))
        return name["password"] is not None and is_clear and not _is_placeholder_word(text)
    if name["strong"] is None:
        return _looks_generated(text[:256])
    if value["quoted"] is not None or name["sign"] in {"=", "=="}:
        return not _is_placeholder_word(text)
    is_reference = name["strong"].lower() == "secret" and _REFERENCE.fullmatch(text)
    return len(text) >= 4 and not is_reference and not _is_placeholder_word(text)


def _is_placeholder_word(text: str) -> bool:
    return text.lower().rstrip(":,.!") in _PLACEHOLDER_WORDS


def _looks_generated(text: str) -> bool:
    digits, letters = sum(map(str.isdigit, text)), sum(map(str.isalpha, text))
    is_odd = len(text) >= 8 and digits >= 2 and letters >= 3 and compute_word_share(text) < 0.5
    return is_odd and blank_out_identifiers(text).strip() != ""


def _has_letters_and_digits(text: str) -> bool:
    return any(map(str.isdigit, text)) and any(map(str.isalpha, text))


def _is_basic_credentials(text: str) -> bool:
    """Whether `text` is a value of Basic authentication (RFC 7617): base64 of a name, a colon and a password."""
    if len(text) % 4:
        return False
    try:
        decoded = b64decode(text, validate=True)
    except ValueError:
        return False
    return b":" in decoded and decoded.isascii()
