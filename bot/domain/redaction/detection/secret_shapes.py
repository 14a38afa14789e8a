"""Find secrets by a shape of which the published rules have none: private keys, parts of keys, passwords in URLs."""

import re
from collections.abc import Iterator

from bot.domain.redaction.detection.spans import Span, extend_to_token_end

#: A block with its end, or with all that follows: the end may be cut off. Certificates and public keys are public.
_PEM = re.compile(
    r"-{4,5} ?BEGIN (?!CERTIFICATE|PUBLIC|RSA PUBLIC|SSH2 PUBLIC)[A-Z0-9 ]{0,60}-{4,5}"
    r"(?:(?!-{4,5} ?END )[\s\S])*+(?:-{4,5} ?END [A-Z0-9 ]{0,60}-{4,5})?"
    r"|PRIVATE KEY|PuTTY-User-Key-File[\s\S]*+"
)
#: How keys begin. The published rules want a key whole; a message may quote a part of it.
_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:AKIA|ASIA)[A-Z0-9]{12}"  # AWS
    r"|gh[pousr]_\w{16}|github_pat_\w{16}|glpat-[\w-]{16}"  # GitHub, GitLab
    r"|xox[abeoprs]-[\w-]{8}|xapp-[\w-]{8}"  # Slack
    r"|hooks\.slack\.com/(?:services|workflows|triggers)/[\w+/-]{8}"
    r"|sgp_\w{12}"  # Segment
    r"|[sr]k_(?:live|test)_\w{12}|sk-[\w-]{16}"  # Stripe, OpenAI, Anthropic
    r"|AIza[\w-]{20}|ya29\.[\w-]{10}|GOCSPX-[\w-]{10}|1//0[\w-]{20}"  # Google
    r"|dapi[0-9a-f]{16}|dose[0-9a-f]{16}"  # Databricks: personal and service principals' tokens
    r"|hv[sb]\.\w{10}"  # Vault
    r"|ver:[0-9]{1,2}-hint:[0-9]{1,20}-[\w+/-]{10}"  # Snowflake's sessions
    r"|SG\.[\w-]{10}|npm_\w{20}|pypi-\w{16}|shp(?:at|ca|pa|ss)_\w{16}"
    r"|[\w~.-]{3}[0-9]Q~[\w~.-]{20}"  # Entra ID's client secrets, wherever they stand
    r")"
)
_WORD = re.compile(r"""[^\s"'<>`]+""")
_PORT = re.compile(r"[0-9]{1,5}[/?#]")
_ORACLE = re.compile(r"(?i:jdbc:oracle:[a-z0-9]{1,10}:)[^\s/@:]{1,128}/")
_HOST = re.compile(r"(?://)?\[?[\w.-]")
#: What people write before a colon and an address.
_NO_USERS = frozenset(
    """
    acct address alias arn by cc contact email e-mail from group mail mailto member npm of owner principal reply-to
    serviceaccount sip sips smtp team to urn user username xmpp
    """.split()  # noqa: SIM905 - as in named.py
)


def find_shaped_secrets(text: str) -> Iterator[Span]:
    """The parts of `text` that are a private key, a part of a well-known key, or the password in a URL."""
    yield from (block.span() for block in _PEM.finditer(text))
    yield from extend_to_token_end(text, (key.span() for key in _KEY.finditer(text)))
    if "@" in text:
        for word in _WORD.finditer(text):
            password = _password(word[0])
            if password:
                yield word.start() + password[0], word.start() + password[1]


def _password(word: str) -> Span | None:
    """Where the password is in `user:password@host`, with a scheme or without; it may hold `/` and `@` itself."""
    head, at, host = word.rpartition("@")
    if not at or not _HOST.match(host) or host.startswith(("sha256:", "sha512:")):
        return None
    if oracle := _ORACLE.search(head):
        return (oracle.end(), len(head)) if oracle.end() < len(head) else None
    scheme = head.find("://")
    start = scheme + 3 if scheme >= 0 else 0
    user, colon, password = head[start:].partition(":")
    if not colon or not password or any(mark in user for mark in "/?#"):
        return None
    is_login = not _PORT.match(password) if scheme >= 0 else _is_login(user, password)
    return (start + len(user) + 1, len(head)) if is_login else None


def _is_login(user: str, password: str) -> bool:
    """Whether `user:password` before an `@` is one although no scheme says so."""
    name = user.rpartition("=")[2].strip("([{,;").lower()
    return name not in _NO_USERS and any(map(str.isalpha, name)) and len(password) >= 3
