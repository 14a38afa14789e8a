"""policy.toml: what it makes of the rules, and how everything that is wrong with it is named at once."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.policy_file import InvalidPolicy, read_policy
from bot.domain.policy import Action, Policy, Rule, SecretRule

EXAMPLE = Path(__file__).parent.parent.parent / "policy.example.toml"
TEAM = frozenset({"S0DATA"})


def written(tmp_path: Path, text: str) -> dict[Action, Rule]:
    file = tmp_path / "policy.toml"
    file.write_text(text)
    return dict(read_policy(file, TEAM).policy.rules)


def problems(tmp_path: Path, text: str) -> dict[str, str]:
    with pytest.raises(InvalidPolicy) as caught:
        written(tmp_path, text)
    return dict(caught.value.problems)


def test_without_a_file_the_approvers_of_the_environment_decide() -> None:
    assert read_policy(None, TEAM).policy == Policy.with_approvers(TEAM)


def test_the_example_is_a_policy() -> None:
    found = read_policy(EXAMPLE, TEAM)
    rules = found.policy.rules
    assert rules[Action.DELETE].approvals == 2
    assert rules[Action.DELETE].expires == timedelta(days=1)
    assert rules[Action.UPDATE].approvals == 1
    assert rules[Action.CREATE].approvals == 0
    assert rules[Action.RENAME].approvals == 1
    assert rules[Action.UPDATE].approvers == {"@data-oncall"}
    assert found.execution.lease == timedelta(minutes=5)


def test_an_empty_file_leaves_the_approvers_of_the_environment(tmp_path: Path) -> None:
    rules = written(tmp_path, "")
    assert rules[Action.DELETE].approvers == TEAM
    assert (rules[Action.DELETE].approvals, rules[Action.ENABLE].approvals) == (1, 0)


def test_an_action_takes_the_defaults_where_it_says_nothing(tmp_path: Path) -> None:
    rules = written(
        tmp_path,
        """
        [defaults]
        expires = "90s"
        remind = "2m"
        break_glass = ["U0BOSS"]
        [actions.delete]
        approvers = ["U0BOSS", "@data-oncall"]
        escalate = "1h"
        escalate_to = ["S0BOSS"]
        """,
    )
    assert rules[Action.DELETE].expires == timedelta(seconds=90)
    assert rules[Action.DELETE].approvers == {"U0BOSS", "@data-oncall"}
    assert rules[Action.DELETE].escalate_to == {"S0BOSS"}
    assert rules[Action.UPDATE].break_glass == {"U0BOSS"}
    assert rules[Action.UPDATE].escalate is None


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """
        unknown = 1
        [defaults]
        approvals = "two"
        expires = "soon"
        approvers = ["Bob Smith", "@ok"]
        [actions.destroy]
        approvals = 1
        [actions.delete]
        expire = "4h"
        [execution]
        lease = 5
        """,
    )
    assert found == {
        "unknown": "is not a key of the policy",
        "defaults.approvals": "wants a whole number, 0 to 20; a deletion takes at least 1",
        "defaults.expires": 'wants a time such as "90s", "30m", "4h", "2d"',
        "defaults.approvers": "wants a list of user ids (U…), user group ids (S…) or handles (@data-oncall)",
        "actions.destroy": "wants tables named create, update, rename, enable, disable, delete",
        "actions.delete.expire": "is not a key of the policy",
        "execution.lease": 'wants a time such as "90s", "30m", "4h", "2d"',
    }


@pytest.mark.parametrize("text", ["[actions.delete]\napprovals = 0", "[defaults]\napprovals = 0"])
def test_a_deletion_always_takes_an_approval(tmp_path: Path, text: str) -> None:
    assert list(problems(tmp_path, text)) == ["actions.delete.approvals"]


def test_a_file_that_is_not_toml_or_not_there_is_named(tmp_path: Path) -> None:
    assert "is not TOML" in str(problems(tmp_path, "approvals = = 1"))
    with pytest.raises(InvalidPolicy) as caught:
        read_policy(tmp_path / "none.toml", TEAM)
    assert "can't be read" in str(caught.value)


def test_handles_are_renamed_and_unknown_ones_let_nobody_through(tmp_path: Path) -> None:
    policy = Policy(rules=written(tmp_path, '[defaults]\napprovers = ["@data-oncall", "@gone"]'))
    assert policy.with_resolved_names({"@data-oncall": "S0DATA"}).rules[Action.DELETE].approvers == {"S0DATA", "@gone"}
    assert policy.principals == {"@data-oncall", "@gone"}


def secrets(tmp_path: Path, text: str) -> object:
    file = tmp_path / "policy.toml"
    file.write_text(text)
    return read_policy(file, TEAM).policy.secrets


def test_who_may_use_which_secrets(tmp_path: Path) -> None:
    table = '[secrets]\n"snowflake/*" = ["@data-oncall", "U0BOSS"]\n"dev/*" = ["everyone"]\nSHUT = []'
    assert secrets(tmp_path, table) == {
        "snowflake/*": SecretRule(users=frozenset({"@data-oncall", "U0BOSS"})),
        "dev/*": SecretRule(users=frozenset({"everyone"})),
        "SHUT": SecretRule(users=frozenset()),
    }


def test_where_a_secret_may_be_sent(tmp_path: Path) -> None:
    table = """
        [secrets]
        "redshift/*" = { users = ["@data"], hosts = ["*.Redshift.amazonaws.com.", "*"], warehouses = ["legacy-*"] }
        [secrets.LOADER]
        users = ["everyone"]
        """
    assert secrets(tmp_path, table) == {
        "redshift/*": SecretRule(
            users=frozenset({"@data"}),
            hosts=frozenset({"*.redshift.amazonaws.com", "*"}),
            warehouses=frozenset({"legacy-*"}),
        ),
        "LOADER": SecretRule(users=frozenset({"everyone"})),
    }


@pytest.mark.parametrize("text", ["", "[secrets]", "[defaults]\napprovals = 1"])
def test_a_file_that_names_no_secret_lets_nobody_use_any(tmp_path: Path, text: str) -> None:
    assert secrets(tmp_path, text) == {}
    assert read_policy(None, TEAM).policy.secrets is None


def test_what_is_wrong_with_the_users_of_secrets_is_named(tmp_path: Path) -> None:
    people = 'wants a list of user ids (U…), user group ids (S…) or handles (@data-oncall) or "everyone"'
    found = problems(
        tmp_path,
        """
        [secrets]
        "a/*" = "everyone"
        b = ["Bob Smith"]
        c = { hosts = ["db.example.com"] }
        d = { users = ["@data"], host = ["db.example.com"] }
        [defaults]
        approvers = ["everyone"]
        """,
    )
    wants = f"{people} for each pattern of names, or a table of users, hosts and warehouses"
    assert found["secrets.a/*"] == found["secrets.b"] == wants
    assert found["secrets.c.users"] == people
    assert found["secrets.d.host"] == "is not a key of the policy"
    assert "defaults.approvers" in found


@pytest.mark.parametrize(
    "pattern", ["*", "*.example.com", "prod-?*.example.com", "*.internal", "db.internal", "10.0.0.1"]
)
def test_a_pattern_of_hosts_has_its_stars_before_the_end(tmp_path: Path, pattern: str) -> None:
    assert secrets(tmp_path, f'[secrets]\nx = {{ users = ["@data"], hosts = ["{pattern}"] }}')


@pytest.mark.parametrize(
    "pattern",
    [
        "10.0.*",
        "db.*",
        "*example.com",
        "db-*.internal",
        "db.example.com:5439",
        "https://db.example.com",
        "дб.example.com",
        "",
        "[ab].example.com",
        "a b",
        "*.example.c*",
    ],
)
def test_a_pattern_that_would_match_hosts_of_strangers_or_none_is_refused(tmp_path: Path, pattern: str) -> None:
    found = problems(tmp_path, f'[secrets]\nx = {{ users = ["@data"], hosts = ["{pattern}"] }}')
    assert "a list of host names, or of patterns such as" in found["secrets.x.hosts"]


DEEP = 20_000


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = " + "[" * DEEP + "]" * DEEP, "is nested too deeply"),
        ("a = " + "{a = " * 10_000 + "1" + "}" * 10_000, "is nested too deeply"),
        (".".join("a" * 30_000) + " = 1", "has a key of more than 32 parts"),
        (". ".join(['"a"'] * 12_000) + " = 1", "has a key of more than 32 parts"),
        ("[" + ".".join("a" * 30_000) + "]", "has a key of more than 32 parts"),
        ("a = {b = 1, " + ".".join("a" * 30_000) + " = 1}", "has a key of more than 32 parts"),
        ("a = " + "9" * 60_000, "holds a number that is too long"),
        ("a = " + "1_" * 30_000 + "1", "holds a number that is too long"),
        ("#" * 65_537, "is larger than 65,536 bytes"),
        ("a = 2020-13-01", "is not TOML"),
        ("a = '\0'", "is not TOML"),
    ],
    ids=["arrays", "tables", "key", "quoted key", "header", "inline key", "number", "blanks", "size", "date", "NUL"],
)
def test_what_takes_long_to_read_or_can_not_be_read_is_said_at_once(tmp_path: Path, text: str, says: str) -> None:
    ((place, problem),) = problems(tmp_path, text).items()
    assert place == str(tmp_path / "policy.toml")
    assert problem.startswith(says)


def test_dots_that_are_in_no_key_are_no_parts(tmp_path: Path) -> None:
    handles = ", ".join(f'"@data.oncall.{number}"' for number in range(100))
    written(tmp_path, f"# {'.' * 100}\n[defaults]\napprovers = [{handles}]  # {'.' * 100}\n")
    with pytest.raises(InvalidPolicy):
        read_policy(Path("/dev/zero"), TEAM)


@given(st.text(st.sampled_from("ab.=\"'[]{},# \n\\u0_-:T9\ud83d\0"), max_size=200) | st.text(max_size=100))
def test_any_text_is_a_policy_or_has_problems(text: str) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "policy.toml"
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        with suppress(InvalidPolicy):
            read_policy(file, TEAM)
