"""Find keys by the rules of gitleaks, a maintained set of expressions for the keys of many services.

`gitleaks-rules.json` holds the rules with their version and licence. `python -m tools.gitleaks_rules` writes this file
and translates the expressions from RE2's syntax. docs/detection.md describes how to take over a new version.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter

from bot.domain.frozen_model import FrozenModel
from bot.domain.redaction.detection.randomness import compute_entropy
from bot.domain.redaction.detection.tokens import extend_to_token_end
from bot.domain.redaction.spans import Span


class DetectionRule(FrozenModel):
    """One rule. The last group of `pattern` that matches is the secret, or the whole match where there is no group.

    The rule is tried where the text contains one of `keywords`, which are in small letters. A match with at most
    `entropy` bits per character is a placeholder, and not a secret.
    """

    id: str
    keywords: tuple[str, ...]
    pattern: str
    entropy: float = 0.0


class _RulesFile(FrozenModel):
    source: str
    version: str
    licence: str
    rules: tuple[DetectionRule, ...]


@cache
def load_rules() -> tuple[DetectionRule, ...]:
    """Return the rules of the package; they are read once, at the first call."""
    text = (files("bot.domain.redaction.detection") / "gitleaks-rules.json").read_text(encoding="utf-8")
    return TypeAdapter(_RulesFile).validate_python(json.loads(text), strict=False).rules


def find_rule_matches(text: str) -> Iterator[Span]:
    """Find the keys in `text` that match a rule; each span ends where its token ends."""
    lowered = text.lower()
    for keyword, rules in _group_by_keyword():
        if keyword in lowered:
            for rule in rules:
                yield from match_rule(rule, text)


def match_rule(rule: DetectionRule, text: str) -> Iterator[Span]:
    """Find the keys in `text` that match `rule`; each span ends where its token ends."""
    matches = ((match, match.lastindex or 0) for match in _compile(rule.pattern).finditer(text))
    return extend_to_token_end(
        text, (Span(*match.span(group)) for match, group in matches if compute_entropy(match[group]) > rule.entropy)
    )


@cache
def _group_by_keyword() -> tuple[tuple[str, tuple[DetectionRule, ...]], ...]:
    by_keyword: dict[str, list[DetectionRule]] = {}
    for rule in load_rules():
        for keyword in rule.keywords:
            by_keyword.setdefault(keyword, []).append(rule)
    return tuple((keyword, tuple(rules)) for keyword, rules in by_keyword.items())


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    # Compile at first use: most rules are never tried, and all of them together take 30 ms.
    return re.compile(pattern, re.ASCII)
