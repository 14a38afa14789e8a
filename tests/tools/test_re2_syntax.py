"""Translation of expressions from RE2's syntax to Python's."""

import re
import warnings

import pytest

from tools.re2_syntax import translate


@pytest.mark.parametrize(
    ("pattern", "translated"),
    [
        (r"\b(p8e-(?i)[a-z]{3})(?:;|$)", r"\b(p8e-(?i:[a-z]{3}))(?:;|\Z)"),
        (r"(?i)a|(?-i:B)", r"(?i:a|(?-i:B))"),
        (r"[[:alnum:]_]+\z", r"[A-Za-z0-9_]+\Z"),
        (r"[$[&~]$", r"[$\[\&\~]\Z"),
        (r"[]a]", r"[]a]"),
        (r"[^]a]", r"[^]a]"),
        (r"\$\(\[", r"\$\(\["),
        (r"(?P<name>a)(b)", r"(?:a)(b)"),
        (r"((a)b)", r"((?:a)b)"),
        (r"([0-9]{4}-){3}x", r"(?:[0-9]{4}-){3}x"),
        (r"(?i)[\w.-]{0,50}?(?:name)", r"(?i:(?:name))"),
    ],
)
def test_an_expression_is_translated_to_pythons_syntax(pattern: str, translated: str) -> None:
    assert translate(pattern) == translated
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        re.compile(translated, re.ASCII)
