"""The configuration: what is taken, and how everything that is wrong is named at once."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from bot.config.settings import NON_VARIABLE_FIELDS, InvalidSettings, Settings, read_database_url, read_settings

KEY = Fernet.generate_key().decode()
GOOD = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SEGMENT_API_TOKEN": "sgp_1"}
ROOT = Path(__file__).parent.parent.parent


def problems(**environ: str) -> dict[str, str]:
    with pytest.raises(InvalidSettings) as caught:
        read_settings(environ, dotenv=None)
    return dict(caught.value.problems)


def test_little_is_enough() -> None:
    settings = read_settings(GOOD, dotenv=None)
    assert settings.segment_base_url == "https://api.segmentapis.com"
    assert settings.database_url.get_secret_value() == "sqlite+aiosqlite:///data/warehouse-bot.db"
    assert settings.port == 8080


def test_everything_missing_is_named_at_once() -> None:
    assert list(problems()) == ["SLACK_BOT_TOKEN", "SEGMENT_API_TOKEN", "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_BOT_TOKEN", "xoxp-wrong-kind"),
        ("SLACK_APP_TOKEN", "xoxb-wrong-kind"),
        ("SLACK_API_URL", "http://slack.example.com/api/"),
        ("SLACK_API_URL", "slack.com"),
        ("SEGMENT_API_URL", "ftp://segment.example.com"),
        ("SEGMENT_REGION", "mars"),
        ("DATABASE_URL", "mysql://x"),
        ("APPROVALS_CHANNEL", "#ops"),
        ("APPROVERS", "Bob Smith!"),
        ("PORT", "80800"),
        ("PORT", "http"),
        ("LOG_LEVEL", "LOUD"),
        ("SECRETS_DIR", "/nowhere/at/all"),
        ("VAULT_ADDR", "http://vault.example.com"),
        ("VAULT_MOUNT", "kv/../sys"),
        ("VAULT_PREFIX", "../other"),
        ("AWS_SECRETS_PREFIX", "arn:aws:secretsmanager:x"),
        ("DATABASE_URL", "postgresql://u:hunter2@h:port/d"),
        ("ENCRYPTION_KEYS", " , "),
        ("ENCRYPTION_KEYS", "c2hvcnQ="),
        ("AUDIT_KEY", " , "),
        ("AUDIT_KEY", "c2hvcnQ="),
        ("PUBLIC_URL", "https://h:99999"),
        ("PUBLIC_URL", "https://h:port"),
        ("PUBLIC_URL", "https://u:p@h"),
        ("PUBLIC_URL", "https://:p@h"),
        ("PUBLIC_URL", "https://h?"),
        ("PUBLIC_URL", "https://h#"),
        ("PUBLIC_URL", "https://a b/"),
        ("PUBLIC_URL", "https://h/../x"),
        ("PUBLIC_URL", "https://h//x"),
        ("PUBLIC_URL", "https://h/a\tb"),
        ("SEGMENT_API_TOKEN", "hunter\udcff2"),
        ("WAREHOUSE_SECRET_LOADER", "hunter\udcff2"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_what_it_wants_and_never_shown(name: str, value: str) -> None:
    found = problems(**{**GOOD, "VAULT_TOKEN": "hvs.1", "ENCRYPTION_KEYS": KEY, name: value})
    assert list(found) == [name]
    assert found[name].startswith("wants ")
    assert value not in str(found)


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("postgres://u:hunter2@h:5432/d?sslmode=require", "postgresql+asyncpg://u:hunter2@h:5432/d?ssl=require"),
        ("postgresql://h/d", "postgresql+asyncpg://h/d"),
        ("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/d"),
        ("sqlite+aiosqlite:///x.db", "sqlite+aiosqlite:///x.db"),
    ],
)
def test_databases_are_taken_as_hosts_write_them(written: str, taken: str) -> None:
    settings = read_settings({**GOOD, "DATABASE_URL": written}, dotenv=None)
    assert settings.database_url.get_secret_value() == taken
    assert "hunter2" not in repr(settings)


def test_problems_of_every_kind_come_together() -> None:
    found = problems(SLACK_BOT_TOKEN="nonsense", PORT="x", SEGMENT_REGION="eu", SEGMENT_API_URL="https://x.example.com")
    assert set(found) == {
        "SLACK_BOT_TOKEN",
        "PORT",
        "SEGMENT_API_TOKEN",
        "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET",
        "SEGMENT_REGION or SEGMENT_API_URL",
    }


VAULT = {**GOOD, "VAULT_ADDR": "https://vault.example.com"}
ONE_LOGIN = "VAULT_TOKEN, VAULT_ROLE_ID or VAULT_KUBERNETES_ROLE"


@pytest.mark.parametrize(
    ("logins", "named"),
    [
        ({}, [ONE_LOGIN]),
        ({"VAULT_TOKEN": "hvs.1", "VAULT_KUBERNETES_ROLE": "bot"}, [ONE_LOGIN]),
        ({"VAULT_ROLE_ID": "bot"}, ["VAULT_SECRET_ID"]),
        ({"VAULT_ROLE_ID": "bot", "VAULT_TOKEN": "hvs.1"}, [ONE_LOGIN, "VAULT_SECRET_ID"]),
    ],
)
def test_vault_takes_one_login(logins: dict[str, str], named: list[str]) -> None:
    found = problems(**{**VAULT, **logins})
    assert list(found) == named
    assert "hvs.1" not in str(found)


def test_vault_is_read_as_people_write_it() -> None:
    settings = read_settings(
        {**VAULT, "VAULT_TOKEN": "hvs.1", "VAULT_PREFIX": "/team/bot", "VAULT_MOUNT": "kv/"}, dotenv=None
    )
    assert (settings.vault_mount, settings.vault_prefix) == ("kv", "team/bot/")
    assert "hvs.1" not in repr(settings)
    assert read_settings({**GOOD, "VAULT_TOKEN": "hvs.1"}, dotenv=None).vault_addr is None


def test_an_extra_that_is_not_installed_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.config.settings.find_spec", lambda _: None)
    assert problems(**VAULT, VAULT_TOKEN="hvs.1", AWS_SECRETS_PREFIX="bot/", PORT="x") == {
        "PORT": "wants a port number, 0 to 65535",
        "VAULT_ADDR": "needs hvac, which is not installed: `make vault` installs it",
        "AWS_SECRETS_PREFIX": "needs boto3, which is not installed: `make aws` installs it",
    }


def test_values_are_read_as_people_write_them() -> None:
    settings = read_settings(
        {
            **GOOD,
            "SEGMENT_REGION": "eu",
            "SEGMENT_SPACES": "prod, staging",
            "APPROVERS": "U0BOB, @data-oncall S0DATA",
            "DATABASE_URL": "sqlite:///x.db",
            "LOG_LEVEL": "debug",
            "PORT": " 9000 ",
            "SLACK_SIGNING_SECRET": "",
            "WAREHOUSE_SECRET_LOADER": "hunter2",
        },
        dotenv=None,
    )
    assert settings.segment_base_url == "https://eu1.api.segmentapis.com"
    assert settings.segment_spaces == {"prod", "staging"}
    assert settings.approvers == {"U0BOB", "@data-oncall", "S0DATA"}
    assert settings.database_url.get_secret_value() == "sqlite+aiosqlite:///x.db"
    assert (settings.log_level, settings.port, settings.slack_signing_secret) == ("DEBUG", 9000, None)
    assert settings.secrets["LOADER"].get_secret_value() == "hunter2"
    assert "hunter2" not in repr(settings)
    assert "sgp_1" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "password"),
    [
        ("postgresql://u:p%40ss@h/d", "p@ss"),
        ("postgresql://u:pa/ss@h/d", "pa/ss"),
        ("postgresql://u:pa#s?s@h/d", "pa#s?s"),
        ("postgresql://u:pa[ss]x@h/d", "pa[ss]x"),
        ("postgresql://h/d?user=u&password=hunter2", "hunter2"),
    ],
)
def test_the_password_that_the_database_is_given_is_the_one_that_is_struck(url: str, password: str) -> None:
    settings = read_settings({**GOOD, "DATABASE_URL": url}, dotenv=None)
    assert password in [value.get_secret_value() for _, value in settings.secret_values]


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("https://bot.example.com", "https://bot.example.com"),
        ("https://bot.example.com:8443/team/bot/", "https://bot.example.com:8443/team/bot"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
    ],
)
def test_a_public_address_is_taken_with_a_port_and_a_path(written: str, taken: str) -> None:
    assert read_settings({**GOOD, "ENCRYPTION_KEYS": KEY, "PUBLIC_URL": written}, dotenv=None).public_url == taken


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("SLACK_BOT_TOKEN=xoxb-file\nSEGMENT_API_TOKEN=file\nSLACK_APP_TOKEN=xapp-file\nPORT=1\n")
    settings = read_settings({"PORT": "2"}, dotenv=file)
    assert settings.port == 2
    assert settings.segment_api_token.get_secret_value() == "file"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("pa$$word", "pa$$word"),
        ("pa${HOME}ss", "pa${HOME}ss"),
        ("${SLACK_BOT_TOKEN}", "${SLACK_BOT_TOKEN}"),
        ("'${HOME}'", "${HOME}"),
        ('"${HOME:-x} y"', "${HOME:-x} y"),
        ('"a\'b"', "a'b"),
        ("'a\"b'", 'a"b'),
        ("${", "${"),
    ],
)
def test_what_looks_like_a_variable_in_the_file_is_taken_as_it_is(tmp_path: Path, written: str, value: str) -> None:
    (tmp_path / ".env").write_text(f"WAREHOUSE_SECRET_LOADER={written}\n")
    settings = read_settings(GOOD, dotenv=tmp_path / ".env")
    assert settings.secrets["LOADER"].get_secret_value() == value
    assert settings.env_file == tmp_path / ".env"


def test_what_the_example_leaves_to_be_filled_in_is_not_taken() -> None:
    assert list(problems(**GOOD | {"SLACK_BOT_TOKEN": "xoxb-", "SLACK_APP_TOKEN": "xapp-"})) == [
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
    ]


def test_a_bad_policy_is_named_together_with_everything_else(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[defaults]\nexpires = 4\n[actions.destroy]\n")
    found = problems(**GOOD | {"POLICY_FILE": str(file), "PORT": "x"})
    assert list(found) == ["PORT", "policy, defaults.expires", "policy, actions.destroy"]


KEY = "a" * 43 + "="


@pytest.mark.parametrize(
    ("given", "wants"),
    [
        ({"PUBLIC_URL": "https://bot.example.com"}, {"ENCRYPTION_KEYS": "PUBLIC_URL"}),
        ({"ALLOW_SECRETS_IN_SLACK": "true"}, {"ENCRYPTION_KEYS": "ALLOW_SECRETS_IN_SLACK"}),
        ({"ALLOW_SECRETS_IN_SLACK": "perhaps"}, {"ALLOW_SECRETS_IN_SLACK": "true or false"}),
        ({"PUBLIC_URL": "http://bot.example.com", "ENCRYPTION_KEYS": KEY}, {"PUBLIC_URL": "https"}),
        ({"PUBLIC_URL": "https://bot.example.com/?x=1", "ENCRYPTION_KEYS": KEY}, {"PUBLIC_URL": "https"}),
        ({"ENCRYPTION_KEYS": f"{KEY},hunter2"}, {"ENCRYPTION_KEYS": "new-key"}),
    ],
)
def test_what_the_one_time_page_needs_is_said(given: dict[str, str], wants: dict[str, str]) -> None:
    with pytest.raises(InvalidSettings) as caught:
        read_settings({**GOOD, **given}, dotenv=None)
    found = dict(caught.value.problems)
    assert found.keys() == wants.keys()
    assert all(words in found[name] for name, words in wants.items())
    assert "hunter2" not in str(caught.value)


def test_keys_are_read_newest_first_and_a_public_url_may_have_a_path() -> None:
    other = "b" * 42 + "A="
    given = {"PUBLIC_URL": "https://bot.example.com/warehouse/", "ENCRYPTION_KEYS": f" {KEY} ,\n{other}"}
    settings = read_settings({**GOOD, **given, "ALLOW_SECRETS_IN_SLACK": "False"}, dotenv=None)
    assert [key.get_secret_value() for key in settings.encryption_keys] == [KEY, other]
    assert settings.public_url == "https://bot.example.com/warehouse"
    assert settings.allow_secrets_in_slack is False
    assert {KEY, other} <= {value.get_secret_value() for _, value in settings.secret_values}


def test_the_database_alone_needs_nothing_else(tmp_path: Path) -> None:
    assert read_database_url({}, dotenv=None).get_secret_value() == "sqlite+aiosqlite:///data/warehouse-bot.db"
    (tmp_path / ".env").write_text("DATABASE_URL=postgres://h/d\n")
    assert read_database_url({}, dotenv=tmp_path / ".env").get_secret_value() == "postgresql+asyncpg://h/d"
    with pytest.raises(InvalidSettings, match="DATABASE_URL"):
        read_database_url({"DATABASE_URL": "mysql://x"}, dotenv=None)


def test_the_example_explains_every_variable() -> None:
    example = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    wanted = {name.upper() for name in Settings.model_fields.keys() - NON_VARIABLE_FIELDS} | {
        "WAREHOUSE_SECRET_SNOWFLAKE_LOADER"
    }
    assert named == wanted
    for name in wanted:
        before = re.split(rf"^#?{name}=", example, flags=re.MULTILINE)[0].rstrip().splitlines()[-3:]
        assert any(line.startswith("# ") for line in before), f"{name} has no line of explanation"


def test_the_readme_names_every_variable() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [
        name for name in Settings.model_fields.keys() - NON_VARIABLE_FIELDS if f"`{name.upper()}`" not in readme
    ] == []


def test_a_policy_beside_the_file_is_taken_unless_another_is_named(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("")
    assert read_settings(GOOD, dotenv=tmp_path / ".env").policy_file == tmp_path / "policy.toml"
    other = tmp_path / "other.toml"
    other.write_text("")
    assert read_settings({**GOOD, "POLICY_FILE": str(other)}, dotenv=tmp_path / ".env").policy_file == other
    assert read_settings(GOOD, dotenv=None).policy_file is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PORT=1\n" * 20_000, "is larger than 65,536 bytes"),
        (b"SEGMENT_API_TOKEN=\xff\xfe\n", "is not text in UTF-8 (byte 18)"),
        (None, "is not a regular file"),
    ],
    ids=["large", "not UTF-8", "a pipe"],
)
def test_a_dotenv_that_can_not_be_read_is_named(tmp_path: Path, content: bytes | None, says: str) -> None:
    dotenv = tmp_path / ".env"
    if content is None:
        os.mkfifo(dotenv)
    else:
        dotenv.write_bytes(content)
    for load in (read_settings, read_database_url):
        with pytest.raises(InvalidSettings) as caught:
            load(GOOD, dotenv=dotenv)
        assert caught.value.problems == ((".env", says),)


def test_a_directory_of_that_name_is_none_of_the_bots(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert read_settings(GOOD, dotenv=tmp_path / ".env").port == 8080


def test_a_policy_beside_it_that_is_no_file_is_not_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "policy.toml")
    with pytest.raises(InvalidSettings) as caught:
        read_settings(GOOD, dotenv=tmp_path / ".env")
    assert [wants for _, wants in caught.value.problems] == ["is not a regular file"]


def test_a_value_of_dotenv_is_what_stands_there(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    bomb = "\n".join(f"A{number}=${{A{number - 1}}}${{A{number - 1}}}" for number in range(1, 60))
    dotenv.write_text(f"A0=ha\n{bomb}\nSEGMENT_API_TOKEN=sgp_${{A59}}\n")
    settings = read_settings({key: GOOD[key] for key in GOOD if not key.startswith("SEGMENT")}, dotenv=dotenv)
    assert settings.segment_api_token.get_secret_value() == "sgp_${A59}"


def test_a_nul_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("WAREHOUSE_SECRET_A=a\0b\nPOLICY_FILE=a\0b\n")
    with pytest.raises(InvalidSettings) as caught:
        read_settings(GOOD, dotenv=tmp_path / ".env")
    assert {"WAREHOUSE_SECRET_A", "POLICY_FILE"} <= dict(caught.value.problems).keys()


VARIABLES = sorted(name.upper() for name in Settings.model_fields.keys() - NON_VARIABLE_FIELDS - {"policy_file"})
ODD = st.text(st.characters(codec="utf-8") | st.sampled_from("\0\udcff:/@[]%,=é１"), max_size=40)
LONG = st.sampled_from(["9" * 5_000, "a," * 30_000, "[" * 50_000, "https://" + "a." * 20_000, "=" * 44])


@given(st.dictionaries(st.sampled_from(VARIABLES), ODD | LONG))
def test_whatever_the_variables_hold_is_taken_or_named_without_its_value(odd: dict[str, str]) -> None:
    with suppress(InvalidSettings), refusing_to_quote(odd.values()):
        read_settings({**GOOD, **odd}, dotenv=None)


@contextmanager
def refusing_to_quote(values: Iterable[str]) -> Iterator[None]:
    """Fail where the settings are refused with one of `values` in the words."""
    try:
        yield
    except InvalidSettings as error:
        quoted = [value for value in values if len(value) > 20 and value in str(error)]
        if quoted or not error.problems:
            raise AssertionError(quoted) from error
        raise
