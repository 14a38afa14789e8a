"""What people type after /warehouse, and what it is taken for."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.commands import commands as c
from bot.domain.commands.parser import COMMAND_SPECS, format_command, parse_command
from bot.domain.errors import UsageError

NAMES = st.text(st.characters(exclude_categories=["C"], exclude_characters="\"'`“”„‟«»″‘’‚‛′<>—–"), min_size=1).filter(
    lambda name: name == " ".join(name.split()) and not name.startswith("-")
)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("", c.Help()),
        ("   ", c.Help()),
        ("help", c.Help()),
        ("help delete", c.Help(topic="delete")),
        ("help /warehouse", c.Help()),
        ("show -prod", c.Show(warehouse="-prod")),
        ("list", c.List()),
        ("LIST", c.List()),
        ("list prod", c.List(space="prod")),
        ("list   prod   --type   snowflake", c.List(space="prod", type="snowflake")),
        ("list --type=redshift --disabled", c.List(type="redshift", enabled=False)),
        ("list --enabled --private", c.List(enabled=True, private=True)),
        ("list —disabled", c.List(enabled=False)),
        ("list –find “big one”", c.List(find="big one")),
        ('list --find "two words" prod', c.List(space="prod", find="two words")),
        ("list --page 3", c.List(page=3)),
        ("show prod-snowflake", c.Show(warehouse="prod-snowflake")),
        ("show prod snowflake", c.Show(warehouse="prod snowflake")),
        ("show “prod snowflake”", c.Show(warehouse="prod snowflake")),
        ("show „prod snowflake‟ --private", c.Show(warehouse="prod snowflake", private=True)),
        ("show 'prod snowflake'", c.Show(warehouse="prod snowflake")),
        ("show `prod-snowflake`", c.Show(warehouse="prod-snowflake")),
        ("show Bob’s warehouse", c.Show(warehouse="Bob's warehouse")),
        ('show "unfinished', c.Show(warehouse="unfinished")),
        ("show <@U0BOB|bob>", c.Show(warehouse="@bob")),
        ("show <#C0OPS|data-ops>", c.Show(warehouse="#data-ops")),
        ("show a&amp;b &lt;c&gt;", c.Show(warehouse="a&b <c>")),
        ("show <https://db.example.com|db.example.com>", c.Show(warehouse="db.example.com")),
        ("show back\\slash", c.Show(warehouse="back\\slash")),
        ("create", c.Create()),
        ("create prod", c.Create(space="prod")),
        ("update w1", c.Update(warehouse="w1")),
        ("enable w1", c.Enable(warehouse="w1")),
        ("disable w1", c.Disable(warehouse="w1")),
        ("delete w1", c.Delete(warehouse="w1")),
        ("pending", c.Pending()),
        ("--help", c.Help()),
        ("delete --help", c.Help(topic="delete")),
        ("show -- -h", c.Show(warehouse="-h")),
    ],
)
def test_what_is_understood(text: str, command: c.Command) -> None:
    assert parse_command(text) == command


@pytest.mark.parametrize(
    ("text", "says", "topic"),
    [
        ("lst", "I don't know `lst`. Did you mean `list`?", None),
        ("rm w1", "I don't know `rm`. Did you mean `delete`?", None),
        ("xyzzy", "I don't know `xyzzy`.", None),
        ("list --typ x", "`list` has no flag `--typ`. Did you mean `--type`?", "list"),
        ("list -type x", "`-type` takes two hyphens. Did you mean `--type`?", "list"),
        ("show w --disabled", "`show` has no flag `--disabled`.", "show"),
        ("list --type", "`--type` needs a value.", "list"),
        (
            "list --enabled --disabled",
            "`--enabled` and `--disabled` exclude each other; leave both out to see all.",
            "list",
        ),
        ("list --page 0", "`--page` counts from 1.", "list"),
        ("list --page x", "`--page` counts from 1.", "list"),
        ("show", "`show` needs a warehouse: its id or its name.", "show"),
        ("delete   ", "`delete` needs a warehouse: its id or its name.", "delete"),
        ("delete ''", "`delete` needs a warehouse: its id or its name.", "delete"),
        ("pending now", "`pending` stands alone.", "pending"),
        ("help lst", "I don't know `lst`. Did you mean `list`?", None),
    ],
)
def test_what_is_not_understood_names_the_nearest(text: str, says: str, topic: str | None) -> None:
    with pytest.raises(UsageError) as error:
        parse_command(text)
    assert error.value.user_message == says
    assert error.value.topic == topic


def test_a_synonym_is_suggested_and_never_run() -> None:
    with pytest.raises(UsageError) as error:
        parse_command("destroy prod-snowflake")
    assert error.value.suggestion == "delete"


@given(st.text())
def test_any_text_is_a_command_or_a_usage_error(text: str) -> None:
    with suppress(UsageError):
        assert format_command(parse_command(text))


@given(
    st.builds(
        c.List,
        space=st.none() | NAMES,
        type=st.none() | NAMES,
        enabled=st.none() | st.booleans(),
        find=st.none() | NAMES,
        private=st.booleans(),
        page=st.integers(1, 99999),
    )
    | st.builds(c.Show, warehouse=NAMES, private=st.booleans())
    | st.builds(c.Create, space=st.none() | NAMES)
    | st.builds(c.Update, warehouse=NAMES)
    | st.builds(c.Delete, warehouse=NAMES)
    | st.builds(c.Enable, warehouse=NAMES)
    | st.builds(c.Disable, warehouse=NAMES)
    | st.just(c.Pending())
    | st.builds(c.Help, topic=st.none() | st.sampled_from(sorted(COMMAND_SPECS)))
)
def test_what_a_button_carries_reads_back_as_the_same_command(command: c.Command) -> None:
    assert parse_command(format_command(command)) == command


@pytest.mark.parametrize("name", ["it's", 'say "so"', "a  b", "--flag", "-x"])
def test_names_with_quotes_survive_a_button(name: str) -> None:
    command = c.Show(warehouse=name)
    assert parse_command(format_command(command)) == command


@pytest.mark.parametrize(
    "name", ["x” --private “", "“”", "a‘ b --private", "x` --private `", "x — --private", "x\n--private"]
)
def test_a_name_can_not_talk_a_button_into_more(name: str) -> None:
    command = parse_command(format_command(c.Show(warehouse=name)))
    assert isinstance(command, c.Show)
    assert not command.private


def test_what_was_typed_does_not_end_the_code_that_it_is_quoted_in() -> None:
    with pytest.raises(UsageError) as error:
        parse_command("list -type=`x`" + "y" * 10_000)
    assert error.value.user_message.count("`") == 4
    assert len(error.value.user_message) < 300
