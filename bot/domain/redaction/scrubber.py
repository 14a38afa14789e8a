"""Scrub known secret values from whatever leaves the process or is stored, in every encoding they commonly appear in.

One rule decides what is hidden where:

- **Which secrets.** Those that whoever runs the bot configured: its own tokens, and what it reads from the environment,
  files, Vault and AWS. What a person hands over for one request is hidden in that request alone (a `Censor` of its
  own), so that nobody can make other people's text unreadable.
- **Long ones** (twelve characters and more, blanks and quotes not counted) are hidden wherever they stand: no fifteen
  characters in a row of one are left, in any case, backwards, escaped (JSON, HTML, percent-encoding), in hex or base64.
- **Short ones** are hidden whole, and not inside a longer word, in whatever people read and whatever is stored. Ids,
  kinds, addresses and values of buttons, which only machines read, keep them.
- **Weak ones** (`bot.domain.weak_secrets`: fewer than four characters, common words) are not hidden: `learn` says so,
  for whoever runs the bot to hear of it.

Text is scrubbed whole and cut afterwards, for half a secret is no secret that could be found; `head` does both.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any

from pydantic import SecretStr

from bot.domain.redaction.encodings import (
    EncodedRun,
    decode_escapes,
    decode_escapes_with_positions,
    decode_leniently,
    find_encoded_runs,
    has_escapes,
)
from bot.domain.redaction.known_secrets import KnownSecrets, Span
from bot.domain.redaction.weak_secrets import extract_secret_parts, is_weak

_DOT = "•"

#: What stands for a secret that was hidden.
MASK = _DOT * 3

#: Members of Block Kit that hold words of Slack's and the bot's own alone: nothing in them is hidden.
_FIXED = frozenset({"type", "style", "action_id", "block_id", "callback_id", "url", "response_action"})

#: Members of Block Kit, and of what forms carry, that only machines read: long secrets are hidden in them.
_MACHINE = frozenset(
    {"value", "id", "channel", "hook", "request_id", "metadata_id", "type_slug", "fingerprint", "act", "kind"}
)

#: Characters from which hex or base64 is decoded: those of a piece, or of the shortest secret.
_RUN_OF_PIECES, _RUN_OF_SHORT = 16, 6

#: Characters before a cut in which the beginning of a secret may stand unrecognised: fourteen, each percent-encoded as
#: up to nine.
_EDGE = 14 * 9


class Scrubber:
    """Knows secrets, and hides them in text. It keeps them as long as it lives.

    With `every`, weak ones are hidden too: for text that is about these secrets alone. `shown` are words that are
    shown in any case, so a secret that is one of them is weak.

    Time grows with the text, however many secrets there are. Memory is about twenty times that of the secrets.
    """

    def __init__(self, *secrets: SecretStr, public_words: Collection[str] = (), include_weak: bool = False) -> None:
        self._known = KnownSecrets()
        self._shown = frozenset(public_words)
        self._every = include_weak
        self._learned: set[bytes] = set()
        for secret in secrets:
            self.add_secret(secret)

    def __repr__(self) -> str:
        return "Scrubber(…)"

    @property
    def fragment_count(self) -> int:
        """How many pieces of secrets are kept."""
        return self._known.fragment_count

    def add_secret(self, secret: SecretStr, name: str = "") -> bool:
        """Hide `secret`, which is called `name`, from now on; False where it is too weak to be hidden.

        One that is known already costs a digest of it.
        """
        value = secret.get_secret_value()
        if (digest := _digest(value)) in self._learned:
            return True
        parts = [part for part in extract_secret_parts(value) if part.strip()]
        strong = [part for part in parts if self._every or not is_weak(part, name, self._shown)]
        for part in strong:
            self._known.add(part)
        if strong:
            self._learned.add(digest)
        return bool(strong)

    def scrub(self, text: str) -> str:
        """`text` with every secret in it replaced by a mask."""
        return _masked(text, self._spans(text)) if self._may_be_in(text) else text

    def has_match(self, text: str) -> bool:
        """Whether a secret is in `text`."""
        return self.scrub(text) != text

    def scrub_and_truncate(self, text: str, max_length: int) -> str:
        """The beginning of `text`, scrubbed before it is cut to `most` characters, with "…" in place of the rest.

        Of a text of any length only some four times `most` are looked at, and what stands before that first cut is
        left out as far as it may be the beginning of a secret.
        """
        scrubbed, is_whole = self._beginning(text, max_length)
        return scrubbed if is_whole and len(scrubbed) <= max_length else scrubbed[: max_length - 1] + "…"

    def scrub_excerpt(self, text: str, max_length: int) -> str:
        """As `head`, for another `Censor` to scrub: what may be half a secret of that one is left out, without "…"."""
        scrubbed, is_whole = self._beginning(text, max_length)
        return scrubbed if is_whole and len(scrubbed) <= max_length else scrubbed[:max_length][:-_EDGE]

    def _beginning(self, text: str, most: int) -> tuple[str, bool]:
        read = 4 * most + _EDGE
        is_whole = len(text) <= read
        looked_at = text[:read]
        kept = looked_at if is_whole else looked_at[:-_EDGE]
        found = self._spans(looked_at) if self._may_be_in(looked_at) else ()
        spans = [(start, min(end, len(kept))) for start, end in found if start < len(kept)]
        return _masked(kept, spans), is_whole

    def scrub_blocks(self, value: object) -> Any:
        """Block Kit, or any JSON, with every secret in it replaced by a mask.

        In what machines read (ids, kinds, values of buttons) short secrets stay: they are words there.
        """
        return self._scrubbed(value, self._in_block) if self._may_be_in("\n".join(iter_texts(value))) else value

    def scrub_json(self, value: object) -> Any:
        """Any JSON with every secret in its texts replaced by a mask, whatever they are called."""
        return self._scrubbed(value, self._anywhere) if self._may_be_in("\n".join(iter_texts(value))) else value

    def scrub_json_text(self, text: str) -> str:
        """JSON as text, its texts scrubbed so that it stays JSON; other text as `strike` does it."""
        return self._reread(text, self.scrub_json)

    def _scrubbed(self, value: object, scrub: Callable[[str, str], str], key: str = "") -> Any:
        match value:
            case str():
                return scrub(key, value)
            case Mapping():
                return {name: self._scrubbed(each, scrub, name) for name, each in value.items()}
            case list() | tuple():
                return [self._scrubbed(each, scrub) for each in value]
            case _:
                return value

    def _anywhere(self, _key: str, text: str) -> str:
        return self.scrub(text)

    def _in_block(self, key: str, text: str) -> str:
        if key in _FIXED:
            return text
        if key == "private_metadata":
            return self._reread(text, self.scrub_blocks)
        return _masked(text, self._spans(text, short=False)) if key in _MACHINE else self.scrub(text)

    def _reread(self, text: str, scrub: Callable[[object], object]) -> str:
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError):
            return self.scrub(text)
        scrubbed = scrub(parsed)
        return text if scrubbed is parsed else json.dumps(scrubbed, ensure_ascii=False, separators=(",", ":"))

    def _may_be_in(self, text: str) -> bool:
        """Whether it is worth looking closer: one pass over the text and all that it may decode to."""
        if not self._known.fragment_count:
            return False
        layers = [text, decode_escapes(text)] if has_escapes(text) else [text]
        decoded = b"\n".join(each for layer in layers for run in self._runs(layer) for each in run.decodings)
        return any(map(self._known.may_match, [*layers, decode_leniently(decoded)]))

    def _spans(self, text: str, *, short: bool = True) -> Iterator[Span]:
        yield from self._spans_as_written(text, short=short)
        if has_escapes(text):
            meant, places = decode_escapes_with_positions(text)
            found = self._spans_as_written(meant, short=short)
            yield from ((places[start][0], places[end - 1][1]) for start, end in found)

    def _spans_as_written(self, text: str, *, short: bool) -> Iterator[Span]:
        yield from self._known.find_spans(text, include_short=short)
        for run in self._runs(text):
            if any(
                True
                for each in run.decodings
                for _ in self._known.find_spans(decode_leniently(each), include_short=short)
            ):
                yield run.start, run.end

    def _runs(self, text: str) -> Iterator[EncodedRun]:
        return find_encoded_runs(text, _RUN_OF_SHORT if self._known.has_short_secrets else _RUN_OF_PIECES)


def _digest(value: str) -> bytes:
    return blake2b(value.encode(errors="surrogatepass"), digest_size=16).digest()


def _masked(text: str, spans: Iterable[Span]) -> str:
    parts: list[str] = []
    copied = 0
    for start, end in sorted(spans):
        if start >= copied:
            parts += [text[copied:start], MASK]
        copied = max(copied, end)
    return "".join([*parts, text[copied:]])


def iter_texts(value: object) -> Iterator[str]:
    """Every text in `value`, which is JSON, but its keys."""
    match value:
        case str():
            yield value
        case Mapping():
            for each in value.values():
                yield from iter_texts(each)
        case list() | tuple():
            for each in value:
                yield from iter_texts(each)
        case _:
            return
