"""Find the keys that the rules of gitleaks know: a set of expressions that others keep up with the services.

`gitleaks-rules.json` holds the rules, with their version and licence. `python -m tools.gitleaks_rules` writes it, and
translates the expressions there from RE2's syntax; docs/detection.md says how to bring in a new version.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter

from bot.domain.frozen_model import FrozenModel
from bot.domain.redaction.detection.randomness import compute_entropy
from bot.domain.redaction.detection.spans import Span, extend_to_token_end


class DetectionRule(FrozenModel):
    """One rule: an expression whose last group to match, or the whole of it where it has none, is the secret.

    It is tried where one of `keywords` (in small letters) is in the text. What has no more than `entropy` bits a
    character is a placeholder.
    """

    id: str
    keywords: tuple[str, ...]
    pattern: str
    entropy: float = 0.0


class _File(FrozenModel):
    source: str
    version: str
    licence: str
    rules: tuple[DetectionRule, ...]


@cache
def load_rules() -> tuple[DetectionRule, ...]:
    """The rules of the package; read once, at the first call."""
    text = (files("bot.domain.redaction.detection") / "gitleaks-rules.json").read_text(encoding="utf-8")
    return TypeAdapter(_File).validate_python(json.loads(text), strict=False).rules


def find_rule_matches(text: str) -> Iterator[Span]:
    """The keys in `text` that a rule knows, each up to the end of its token."""
    lowered = text.lower()
    for keyword, rules in _rules_by_keyword():
        if keyword in lowered:
            for rule in rules:
                yield from match_rule(rule, text)


def match_rule(rule: DetectionRule, text: str) -> Iterator[Span]:
    """The keys in `text` that `rule` knows."""
    groups = ((found, found.lastindex or 0) for found in _compiled(rule.pattern).finditer(text))
    return extend_to_token_end(
        text, (found.span(group) for found, group in groups if compute_entropy(found[group]) > rule.entropy)
    )


@cache
def _rules_by_keyword() -> tuple[tuple[str, tuple[DetectionRule, ...]], ...]:
    by_keyword: dict[str, list[DetectionRule]] = {}
    for rule in load_rules():
        for keyword in rule.keywords:
            by_keyword.setdefault(keyword, []).append(rule)
    return tuple((keyword, tuple(rules)) for keyword, rules in by_keyword.items())


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # When the first text needs it: all together take a thirtieth of a second, and most never get a text.
    return re.compile(pattern, re.ASCII)
