"""Decide which secrets are too weak to hide in other text, and which parts of a secret are secret."""

import re
from collections.abc import Collection, Iterator

from pydantic import JsonValue, TypeAdapter, ValidationError

from bot.domain.redaction.common_words import COMMON_WORDS

#: The log's warning about a weak secret. The bot uses such a secret, and does not hide it.
WEAK_SECRET_WARNING = "secret too weak to hide: replace it with a longer one"  # noqa: S105 - no secret

#: Fewer characters occur in all kinds of text.
_MIN_LENGTH = 4

#: Fewer digits may be a port, a year or a request's number.
_MIN_DIGITS = 8

#: A longer row of common words is a passphrase.
_MAX_COMMON_WORDS = 3

_WORD = re.compile(r"[^\W_]+")

#: The first and last line of a PEM block, which every key has.
_PEM_LINE = re.compile(r"-----(?:BEGIN|END) [A-Z0-9 ]{1,40}-----")

#: Public members of the JSON credentials of Google (a service account's key) and AWS (a database's credentials). Forms
#: ask for them and cards show them: docs.cloud.google.com/iam/docs/keys-create-delete, Secrets Manager's "secret
#: structure".
_PUBLIC_MEMBERS = frozenset(
    """
    type project_id client_email client_id auth_uri token_uri auth_provider_x509_cert_url client_x509_cert_url
    universe_domain user username host hostname port dbname database engine account warehouse schema role region
    dbClusterIdentifier dbInstanceIdentifier
    """.split()  # noqa: SIM905 - a list would take a line for each
)

_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


def is_weak(value: str, name: str = "", public_words: Collection[str] = ()) -> bool:
    """Whether hiding `value` would make other text unreadable, and so reveal what the value is.

    This holds for fewer than four characters, one repeated character, fewer than eight digits, up to three common
    words, the last part of the secret's own `name`, and any of `public_words`.
    """
    plain = value.strip().casefold()
    words = _WORD.findall(plain)
    if len(plain) < _MIN_LENGTH or len(set(plain)) == 1 or (plain.isdecimal() and len(plain) < _MIN_DIGITS):
        return True
    if not words:
        return len(plain) < _MIN_DIGITS
    if len(words) <= _MAX_COMMON_WORDS and all(word in COMMON_WORDS for word in words):
        return True
    return plain in {re.split(r"[/:]", name)[-1].casefold(), *map(str.casefold, public_words)}


def extract_secret_parts(value: str) -> tuple[str, ...]:
    """Return the parts of `value` that have to be hidden.

    - JSON: every text, except under keys that are public, such as the project in a Google key, which the form of the
      same warehouse asks for.
    - A PEM block: the text between its first and its last line.
    - Anything else: all of it.
    """
    if value.lstrip().startswith("{") and (members := tuple(_find_secret_members(_parse_json(value)))):
        return members
    body = _PEM_LINE.sub("", value)
    return (body if body.strip() else value,)


def _parse_json(value: str) -> JsonValue:
    try:
        return _JSON.validate_json(value)
    except ValidationError:
        return None


def _find_secret_members(value: JsonValue) -> Iterator[str]:
    match value:
        case str():
            yield from extract_secret_parts(value)
        case dict():
            for key, member in value.items():
                if key not in _PUBLIC_MEMBERS:
                    yield from _find_secret_members(member)
        case list():
            for member in value:
                yield from _find_secret_members(member)
        case _:
            return
