"""Scrub known secret values from outgoing and stored text, in every encoding they commonly appear in.

These rules decide what is hidden where:

- **Which secrets.** Those that the operator configured: the bot's own tokens, and the secrets it reads from the
  environment, files, Vault and AWS. A one-time secret is hidden only in its own request, by a separate `Scrubber`, so
  that nobody can make other people's text unreadable.
- **Long secrets** (at least twelve characters, without blanks and quotes) are hidden everywhere: no fifteen consecutive
  characters of one remain, in any case, backwards, escaped (JSON, HTML, percent-encoding), in hex or base64.
- **Short secrets** are hidden as a whole, and not inside a longer word, in text that people read and in text that is
  stored. They remain in what only machines read: ids, kinds, addresses and the values of buttons.
- **Weak secrets** (`weak_secrets`: fewer than four characters, common words) are not hidden: `add_secret` returns
  False, so that the caller can warn the operator.

Scrub a text before you cut it: half a secret is no longer recognised. `scrub_and_truncate` does both.
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
from bot.domain.redaction.known_secrets import KnownSecrets
from bot.domain.redaction.spans import Span, replace_spans
from bot.domain.redaction.weak_secrets import extract_secret_parts, is_weak

_DOT = "•"

#: The text in place of a hidden secret.
MASK = _DOT * 3

#: Members of Block Kit that hold only Slack's and the bot's own words: they are not scrubbed.
_FIXED_MEMBERS = frozenset({"type", "style", "action_id", "block_id", "callback_id", "url", "response_action"})

#: Members of Block Kit and of form metadata that only machines read: only long secrets are hidden in them.
_MACHINE_MEMBERS = frozenset(
    {"value", "id", "channel", "hook", "request_id", "metadata_id", "type_slug", "fingerprint", "act", "kind"}
)

#: The shortest run that is decoded as hex or base64: for a fragment, and for a short secret.
_MIN_RUN_FOR_FRAGMENTS, _MIN_RUN_FOR_SHORT = 16, 6

#: Characters before a cut that may be the unrecognised start of a secret: fourteen, of which percent-encoding makes up
#: to nine each.
_CUT_MARGIN = 14 * 9


class Scrubber:
    """Hides the secrets that it knows in text. It keeps them in memory as long as it lives.

    With `include_weak`, it hides weak secrets too: for text that is about these secrets alone. A secret that is one of
    `public_words`, which are shown in any case, is weak.

    Time grows with the text, whatever the number of secrets. Memory is about twenty times the size of the secrets.
    """

    def __init__(self, *secrets: SecretStr, public_words: Collection[str] = (), include_weak: bool = False) -> None:
        self._known_secrets = KnownSecrets()
        self._public_words = frozenset(public_words)
        self._include_weak = include_weak
        self._digests: set[bytes] = set()
        for secret in secrets:
            self.add_secret(secret)

    def __repr__(self) -> str:
        return "Scrubber(…)"

    @property
    def fragment_count(self) -> int:
        """The number of stored fragments of secrets."""
        return self._known_secrets.fragment_count

    def add_secret(self, secret: SecretStr, name: str = "") -> bool:
        """Hide `secret` from now on, and return True; return False where it is too weak to hide.

        `name` is what the secret is called. To add a known secret again costs one digest.
        """
        value = secret.get_secret_value()
        if (digest := _digest(value)) in self._digests:
            return True
        parts = [part for part in extract_secret_parts(value) if part.strip()]
        strong_parts = [part for part in parts if self._include_weak or not is_weak(part, name, self._public_words)]
        for part in strong_parts:
            self._known_secrets.add(part)
        if strong_parts:
            self._digests.add(digest)
        return bool(strong_parts)

    def scrub(self, text: str) -> str:
        """Return `text` with every secret in it replaced by a mask."""
        return _mask(text, self._find_spans(text)) if self._may_match(text) else text

    def has_match(self, text: str) -> bool:
        """Whether `text` holds a secret."""
        return self.scrub(text) != text

    def scrub_and_truncate(self, text: str, max_length: int) -> str:
        """Scrub `text`, then cut it to `max_length` characters, of which the last is "…" where something is left out.

        Of a long text only the first characters, about four times `max_length`, are read. Those at the end of this part
        that may be the start of a secret are left out.
        """
        scrubbed, is_whole = self._scrub_beginning(text, max_length)
        return scrubbed if is_whole and len(scrubbed) <= max_length else scrubbed[: max_length - 1] + "…"

    def scrub_excerpt(self, text: str, max_length: int) -> str:
        """Scrub and cut `text` as `scrub_and_truncate` does, so that another `Scrubber` can scrub the result.

        The last characters, which may be half a secret of that one, are left out, and there is no "…".
        """
        scrubbed, is_whole = self._scrub_beginning(text, max_length)
        return scrubbed if is_whole and len(scrubbed) <= max_length else scrubbed[:max_length][:-_CUT_MARGIN]

    def _scrub_beginning(self, text: str, max_length: int) -> tuple[str, bool]:
        """Scrub the beginning of `text`; the second value says whether this is all of it."""
        read_length = 4 * max_length + _CUT_MARGIN
        is_whole = len(text) <= read_length
        head = text[:read_length]
        visible = head if is_whole else head[:-_CUT_MARGIN]
        spans = self._find_spans(head) if self._may_match(head) else ()
        visible_spans = [Span(start, min(end, len(visible))) for start, end in spans if start < len(visible)]
        return _mask(visible, visible_spans), is_whole

    def scrub_blocks(self, value: object) -> Any:
        """Return Block Kit, or any JSON, with every secret in it replaced by a mask.

        Short secrets remain in what machines read (ids, kinds, values of buttons), where they are ordinary words.
        """
        return self._scrub_value(value, self._scrub_member) if self._may_match(_join_texts(value)) else value

    def scrub_json(self, value: object) -> Any:
        """Return any JSON with every secret in its texts replaced by a mask, whatever the keys are."""
        return self._scrub_value(value, self._scrub_text) if self._may_match(_join_texts(value)) else value

    def scrub_json_text(self, text: str) -> str:
        """Scrub the texts in JSON that is given as text, so that it stays JSON; scrub other text as `scrub` does."""
        return self._scrub_parsed(text, self.scrub_json)

    def _scrub_value(self, value: object, scrub: Callable[[str, str], str], key: str = "") -> Any:
        match value:
            case str():
                return scrub(key, value)
            case Mapping():
                return {name: self._scrub_value(member, scrub, name) for name, member in value.items()}
            case list() | tuple():
                return [self._scrub_value(item, scrub) for item in value]
            case _:
                return value

    def _scrub_text(self, _key: str, text: str) -> str:
        return self.scrub(text)

    def _scrub_member(self, key: str, text: str) -> str:
        if key in _FIXED_MEMBERS:
            return text
        if key == "private_metadata":
            return self._scrub_parsed(text, self.scrub_blocks)
        if key in _MACHINE_MEMBERS:
            return _mask(text, self._find_spans(text, include_short=False))
        return self.scrub(text)

    def _scrub_parsed(self, text: str, scrub: Callable[[object], object]) -> str:
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError):
            return self.scrub(text)
        scrubbed = scrub(parsed)
        return text if scrubbed is parsed else json.dumps(scrubbed, ensure_ascii=False, separators=(",", ":"))

    def _may_match(self, text: str) -> bool:
        """Whether `_find_spans` may find something, by one pass over the text and all that it may decode to."""
        if not self._known_secrets.fragment_count:
            return False
        layers = [text, decode_escapes(text)] if has_escapes(text) else [text]
        runs = (run for layer in layers for run in self._find_runs(layer))
        decoded = b"\n".join(decoding for run in runs for decoding in run.decodings)
        return any(map(self._known_secrets.may_match, [*layers, decode_leniently(decoded)]))

    def _find_spans(self, text: str, *, include_short: bool = True) -> Iterator[Span]:
        yield from self._find_unescaped(text, include_short=include_short)
        if has_escapes(text):
            decoded, origins = decode_escapes_with_positions(text)
            spans = self._find_unescaped(decoded, include_short=include_short)
            yield from (Span(origins[start].start, origins[end - 1].end) for start, end in spans)

    def _find_unescaped(self, text: str, *, include_short: bool) -> Iterator[Span]:
        yield from self._known_secrets.find_spans(text, include_short=include_short)
        for run in self._find_runs(text):
            if any(self._has_secret(decode_leniently(data), include_short=include_short) for data in run.decodings):
                yield run.span

    def _has_secret(self, text: str, *, include_short: bool) -> bool:
        return next(self._known_secrets.find_spans(text, include_short=include_short), None) is not None

    def _find_runs(self, text: str) -> Iterator[EncodedRun]:
        has_short = self._known_secrets.has_short_secrets
        return find_encoded_runs(text, _MIN_RUN_FOR_SHORT if has_short else _MIN_RUN_FOR_FRAGMENTS)


def _digest(value: str) -> bytes:
    return blake2b(value.encode(errors="surrogatepass"), digest_size=16).digest()


def _mask(text: str, spans: Iterable[Span]) -> str:
    return replace_spans(text, spans, MASK, merge_adjacent=False)


def iter_texts(value: object) -> Iterator[str]:
    """Return every text in the JSON `value`, except its keys."""
    match value:
        case str():
            yield value
        case Mapping():
            for member in value.values():
                yield from iter_texts(member)
        case list() | tuple():
            for item in value:
                yield from iter_texts(item)
        case _:
            return


def _join_texts(value: object) -> str:
    return "\n".join(iter_texts(value))
