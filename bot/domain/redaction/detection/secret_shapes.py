"""Find secrets by shapes that the published rules lack: private keys, parts of keys, passwords in URLs."""

import re
from collections.abc import Iterator

from bot.domain.redaction.detection.tokens import extend_to_token_end
from bot.domain.redaction.spans import Span

#: A PEM block up to its end, or to the end of the text, since it may be cut. Certificates and public keys are public.
_PEM = re.compile(
    r"-{4,5} ?BEGIN (?!CERTIFICATE|PUBLIC|RSA PUBLIC|SSH2 PUBLIC)[A-Z0-9 ]{0,60}-{4,5}"
    r"(?:(?!-{4,5} ?END )[\s\S])*+(?:-{4,5} ?END [A-Z0-9 ]{0,60}-{4,5})?"
    r"|PRIVATE KEY|PuTTY-User-Key-File[\s\S]*+"
)
#: The first part of keys. The published rules need a whole key, and a message may quote a part of it.
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
    r"|[\w~.-]{3}[0-9]Q~[\w~.-]{20}"  # Entra ID's client secrets, anywhere
    r")"
)
_WORD = re.compile(r"""[^\s"'<>`]+""")
_PORT = re.compile(r"[0-9]{1,5}[/?#]")
_ORACLE = re.compile(r"(?i:jdbc:oracle:[a-z0-9]{1,10}:)[^\s/@:]{1,128}/")
_HOST = re.compile(r"(?://)?\[?[\w.-]")
#: Words that people write before a colon and an address, and that are not the name of a user.
_NOT_USERS = frozenset(
    """
    acct address alias arn by cc contact email e-mail from group mail mailto member npm of owner principal reply-to
    serviceaccount sip sips smtp team to urn user username xmpp
    """.split()  # noqa: SIM905 - a list would take a line for each
)


def find_shaped_secrets(text: str) -> Iterator[Span]:
    """Find the parts of `text` that are a private key, a part of a well-known key, or the password in a URL."""
    yield from (Span(*block.span()) for block in _PEM.finditer(text))
    yield from extend_to_token_end(text, (Span(*key.span()) for key in _KEY.finditer(text)))
    if "@" in text:
        for word in _WORD.finditer(text):
            if password := _find_password(word[0]):
                yield Span(word.start() + password.start, word.start() + password.end)


def _find_password(word: str) -> Span | None:
    """Find the password in `user:password@host`, with or without a scheme; it may contain `/` and `@`."""
    head, at_sign, host = word.rpartition("@")
    if not at_sign or not _HOST.match(host) or host.startswith(("sha256:", "sha512:")):
        return None
    if oracle := _ORACLE.search(head):
        return Span(oracle.end(), len(head)) if oracle.end() < len(head) else None
    scheme = head.find("://")
    start = scheme + 3 if scheme >= 0 else 0
    user, colon, password = head[start:].partition(":")
    if not colon or not password or any(mark in user for mark in "/?#"):
        return None
    is_login = not _PORT.match(password) if scheme >= 0 else _is_login(user, password)
    return Span(start + len(user) + 1, len(head)) if is_login else None


def _is_login(user: str, password: str) -> bool:
    """Whether `user:password` before an `@`, without a scheme, is a login."""
    name = user.rpartition("=")[2].strip("([{,;").lower()
    return name not in _NOT_USERS and any(map(str.isalpha, name)) and len(password) >= 3
