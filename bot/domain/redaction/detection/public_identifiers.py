"""Identifiers that look random and are public: ARNs, host names, resource ids, digests, words without blanks."""

import re

_LOWER_LABEL, _UPPER_LABEL = r"[a-z0-9_-]{1,63}", r"[A-Z0-9_-]{1,63}"
_TOP = r"(?:com|net|org|io|co|cloud|dev|app|ai|eu|de|uk|us|internal|local|COM|NET)"

_PUBLIC = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    # Amazon's resource names, which end in a name that people choose.
    r"arn:aws[a-z-]{0,12}:[a-z0-9-]{0,40}:[a-z0-9-]{0,40}:[0-9]{0,12}:[\w+=,.@:/*$-]{1,600}"
    # Host names: each label has only small or only capital letters, and the end shows that it is a host.
    rf"|(?:[a-z0-9._+-]{{1,64}}@)?(?:(?:{_LOWER_LABEL}|{_UPPER_LABEL})\.){{1,12}}(?:"
    rf"(?:{_LOWER_LABEL})\.(?:[a-z]{{2,18}})|(?:{_UPPER_LABEL})\.(?:[A-Z]{{2,18}})|{_TOP})(?![\w-])(?!\.\w)"
    r"|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![0-9a-fA-F])"  # UUID
    # Storage: a bucket and a path in it, without the query, which may hold a signature.
    r"|(?:s3[an]?|gs|abfss?|wasbs?|dbfs|hdfs|file)://?[\w./{}=@%*-]{1,1024}"
    # Segment: spaces, sources, warehouses, workspaces have 22 letters of base 58.
    r"|(?:[a-z]{2,4}_)?[1-9A-HJ-NP-Za-km-z]{22}(?![A-Za-z0-9+=_-])"
    r"|AC[0-9a-f]{32}(?![0-9a-zA-Z])"  # Twilio: the account's SID, which is part of each URL
    # Digests of public things: images, commits, the fingerprints of public keys.
    r"|[sS][hH][aA](?:1|256|512)[:-][A-Za-z0-9+/=]{20,128}(?![A-Za-z0-9+/=])"
    r"|(?i:commit|revision|rev|sha|tree|blob)[ /:=@]{1,2}[0-9a-f]{40}(?![0-9a-zA-Z])"
    r")"
)
_WORD = re.compile(r"[A-Z]?[a-z]{3,}|[A-Z]{4,}")
_VOWEL = re.compile(r"[aeiouyAEIOUY]")


def blank_out_identifiers(text: str) -> str:
    """Return `text` with a blank for each character of a public identifier, so that offsets stay the same."""
    return _PUBLIC.sub(lambda match: " " * len(match[0]), text)


def compute_word_share(text: str) -> float:
    """Return the share of letters and digits that belong to words, 0 to 1, as in `SegmentProfilesSync2024`."""
    size = sum(map(str.isalnum, text))
    words = sum(len(word) for word in _WORD.findall(text) if _VOWEL.search(word))
    return words / size if size else 0.0
