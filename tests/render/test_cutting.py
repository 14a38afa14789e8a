"""Whatever is cut to size is scrubbed before, so that no half of a secret is shown."""

import contextvars
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.domain.redaction.scrubber import Scrubber
from bot.domain.text import set_truncate_function, to_one_line, truncate
from bot.render.mrkdwn import trim_common_prefix, truncate_middle, truncate_mrkdwn

SECRETS = ("hunter7!", "kNoWn7xQ9zW2vB4nM6kJ8", "Zq8wX2vB" * 200)

CUTS: dict[str, Callable[[str, int], str]] = {
    "one_line": to_one_line,
    "shortened": truncate,
    "cut": truncate_mrkdwn,
    "middle_cut": truncate_middle,
    "contrasted": lambda text, most: "".join(
        truncate(each, most) for each in trim_common_prefix(text + "1", text + "2")
    ),
}


@pytest.mark.parametrize("name", CUTS)
@given(st.sampled_from(SECRETS), st.integers(0, 300), st.integers(0, 300), st.integers(10, 200))
def test_no_cut_leaves_half_a_secret(name: str, secret: str, before: int, after: int, most: int) -> None:
    text = ("." * before + f" {secret} " + "." * after).strip()

    def kept() -> str:
        set_truncate_function(Scrubber(*map(SecretStr, SECRETS)).scrub_and_truncate)
        return CUTS[name](text, most)

    left = contextvars.copy_context().run(kept)
    whole = len(text) <= most or name == "contrasted"  # not cut, so scrubbed where it leaves
    pieces = {secret[at : at + 4] for at in range(len(secret) - 3)}
    assert secret in left if whole and secret in left else not [piece for piece in pieces if piece in left]
