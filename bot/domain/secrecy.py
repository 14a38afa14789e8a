"""Does a value look like a secret? In time that grows with its length and nothing else, whatever it holds."""

import re
from collections import Counter
from math import log2

from bot.domain.words import seen

#: How the keys of well-known services begin.
_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:AKIA|ASIA)[A-Z0-9]{12}"  # AWS
    r"|gh[pousr]_\w{16}|github_pat_\w{16}|glpat-[\w-]{16}"  # GitHub, GitLab
    r"|xox[abeoprs]-[\w-]{8}|xapp-[\w-]{8}"  # Slack
    r"|sgp_\w{12}"  # Segment
    r"|[sr]k_(?:live|test)_\w{12}|sk-[\w-]{16}"  # Stripe, OpenAI, Anthropic
    r"|AIza[\w-]{20}|ya29\.[\w-]{10}"  # Google
    r"|dapi[0-9a-f]{16}"  # Databricks
    r"|hv[sb]\.\w{10}"  # Vault
    r"|SG\.[\w-]{10}|npm_\w{20}|pypi-\w{16}|shp(?:at|ca|pa|ss)_\w{16}"
    r")"
)
_PEM = re.compile(r"-----BEGIN [A-Z ]{0,40}-----|PRIVATE KEY")
_PEM_WHOLE = re.compile(r"-----BEGIN [A-Z ]{0,40}-----[^-]*(?:-----END [A-Z ]{0,40}-----)?")
_IN_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s/@:]{0,256}:[^\s/@]{1,512}@")
_TOKEN = re.compile(r"[A-Za-z0-9+/=_.~-]+")
_RUN = re.compile(r"[A-Za-z0-9+=]+")


def holds_key(text: str) -> bool:
    """Whether `text` holds what nobody writes by chance: a PEM block, a JWT, a well-known key, credentials in a URL."""
    return any(pattern.search(text) for pattern in (_PEM, _KEY, _IN_URL)) or any(map(_jwt, _TOKEN.findall(text)))


def looks_secret(text: str) -> bool:
    """Whether `text` is, or holds, what is usually kept secret: a key, JSON, or a long string without a pattern."""
    text = seen(text)  # it is shown so
    # JSON in a string is nested, and what is nested is not shown.
    return text.lstrip().startswith(("{", "[")) or holds_key(text) or any(map(_random, _TOKEN.findall(text)))


def veiled(text: str) -> str:
    """What a stranger said, such as Segment's complaint, without what looks like a secret in it."""
    for pattern in (_PEM_WHOLE, _IN_URL):
        text = pattern.sub("•••", text)
    return _TOKEN.sub(
        lambda found: "•••" if _jwt(found[0]) or _KEY.search(found[0]) or _random(found[0]) else found[0], text
    )


def is_text(value: str) -> bool:
    """Whether `value` can be written down: one half of a surrogate pair, which JSON may hold, can't."""
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def length_class(text: str) -> str:
    """The one thing that is told of what is hidden: short (under 16 characters), medium (under 64) or long."""
    return "short" if len(text) < 16 else "medium" if len(text) < 64 else "long"


def _telling(token: str) -> bool:
    return _jwt(token) or _random(token) or _KEY.search(token) is not None


def _jwt(token: str) -> bool:
    return len(token) >= 20 and token.startswith("eyJ") and "." in token  # base64 of {" and what follows


def _random(token: str) -> bool:
    if "/" in token and "." not in token and len(token) >= 36 and _mixed(token) and _entropy(token) >= 4.4:
        return True  # base64 with slashes, which a path rarely is
    return any(_random_run(run) for run in _RUN.findall(token))


def _random_run(run: str) -> bool:
    if len(run) >= 20 and _mixed(run) and _entropy(run) >= 3.5:
        return True
    digits = sum(map(str.isdigit, run))
    return len(run) >= 32 and 0 < digits < len(run) and _entropy(run) >= 3


def _mixed(text: str) -> bool:
    return all(any(map(kind, text)) for kind in (str.isdigit, str.isupper, str.islower))


def _entropy(text: str) -> float:
    """Bits a character, by how often each occurs."""
    size = len(text)
    return -sum(count / size * log2(count / size) for count in Counter(text).values())
