"""Tell which values are too weak to be hidden in other text, and which parts of a secret are the secret."""

import re
from collections.abc import Collection, Iterator

from pydantic import JsonValue, TypeAdapter, ValidationError

from bot.domain.redaction.common_words import COMMON_WORDS

#: What the log says of a secret that is weak: it is used, and shown where it stands.
WEAK_SECRET_WARNING = "secret too weak to hide: replace it with a longer one"  # noqa: S105 - no secret

#: Fewer characters are part of everything people write.
_SHORTEST = 4

#: Fewer digits are ports, years and numbers of requests.
_DIGITS = 8

#: More common words than this in a row are a passphrase.
_WORDS = 3

_WORD = re.compile(r"[^\W_]+")

#: The first and last line of a key, which are those of every key.
_ARMOUR = re.compile(r"-----(?:BEGIN|END) [A-Z0-9 ]{1,40}-----")

#: Members of the JSON that Google (a service account's key) and AWS (a database's credentials) make, which forms ask
#: for and cards show: docs.cloud.google.com/iam/docs/keys-create-delete, Secrets Manager's "secret structure".
_PUBLIC = """
type project_id client_email client_id auth_uri token_uri auth_provider_x509_cert_url client_x509_cert_url
universe_domain user username host hostname port dbname database engine account warehouse schema role region
dbClusterIdentifier dbInstanceIdentifier
"""
_PUBLIC_MEMBERS = frozenset(_PUBLIC.split())

_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


def is_weak(value: str, name: str = "", public_words: Collection[str] = ()) -> bool:
    """Whether hiding `value` would take other text apart, and tell by its holes what it is.

    That is so for fewer than four characters, one character repeated, fewer than eight digits, up to three common
    words, the last part of its own `name`, and what is in `shown`.
    """
    plain = value.strip().casefold()
    words = _WORD.findall(plain)
    if len(plain) < _SHORTEST or len(set(plain)) == 1 or (plain.isdecimal() and len(plain) < _DIGITS):
        return True
    if not words:
        return len(plain) < _DIGITS
    if len(words) <= _WORDS and all(word in COMMON_WORDS for word in words):
        return True
    return plain in {re.split(r"[/:]", name)[-1].casefold(), *map(str.casefold, public_words)}


def extract_secret_parts(value: str) -> tuple[str, ...]:
    """What of `value` is to be hidden.

    Of JSON, every text but those under keys that are no secret, such as the project in a Google key, which the same
    warehouse's form asks for; of a PEM block, what is between its first and last line; else all of it.
    """
    if value.lstrip().startswith("{") and (members := tuple(_members(_parsed(value)))):
        return members
    inside = _ARMOUR.sub("", value)
    return (inside if inside.strip() else value,)


def _parsed(value: str) -> JsonValue:
    try:
        return _JSON.validate_json(value)
    except ValidationError:
        return None


def _members(value: JsonValue) -> Iterator[str]:
    match value:
        case str():
            yield from extract_secret_parts(value)
        case dict():
            for key, each in value.items():
                if key not in _PUBLIC_MEMBERS:
                    yield from _members(each)
        case list():
            for each in value:
                yield from _members(each)
        case _:
            return
