"""The host that settings lead to: one for certain, or none."""

from string import ascii_lowercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import destinations
from bot.domain.destinations import find_destination, get_host_setting, parse_host
from bot.segment.catalog import load_catalog
from tests.support.samples import kind


@pytest.mark.parametrize(
    ("slug", "settings", "host"),
    [
        ("snowflake", {"account": "Acme-Prod_1"}, "acme-prod_1.snowflakecomputing.com"),
        ("snowflake", {"account": "xy12345.us-east-1"}, "xy12345.us-east-1.snowflakecomputing.com"),
        ("snowflake", {"account": "acme.snowflakecomputing.com"}, "acme.snowflakecomputing.com"),
        ("snowflake", {"account": "acme", "username": "loader@acme.com"}, "acme.snowflakecomputing.com"),
        ("redshift", {"hostname": "DB.example.com.", "port": 5439}, "db.example.com"),
        ("postgres", {"hostname": " 10.0.0.1 "}, "10.0.0.1"),
        ("azuresqldw", {"hostname": "a.database.windows.net", "username": "u@a"}, "a.database.windows.net"),
        ("databricks", {"hostname": "dbc.example.com", "http_path": "/sql/1.0/warehouses/a1"}, "dbc.example.com"),
        ("bigquery", {"gc-project": "acme.com:prod"}, "bigquery.googleapis.com"),
    ],
)
def test_the_setting_of_each_type_that_names_its_host(slug: str, settings: dict[str, str | int], host: str) -> None:
    assert find_destination(slug, settings).host == host


@pytest.mark.parametrize(
    "account", ["evil.example.com/", "evil.example.com#", "evil.example.com?x=", "evil.example.com:443/x", "a@b", "a b"]
)
def test_an_account_that_would_end_the_host_of_a_url_names_none(account: str) -> None:
    assert find_destination("snowflake", {"account": account}).unknown_reason == "`account` is not a plain host name"


def test_an_account_of_snowflakes_is_below_its_domain_whatever_it_is_called() -> None:
    assert (
        find_destination("snowflake", {"account": "evil.example.com"}).host == "evil.example.com.snowflakecomputing.com"
    )


def test_of_a_type_that_nobody_knows_nothing_is_certain() -> None:
    found = find_destination("novel", {"hostname": "db.example.com"})
    assert (found.host, found.unknown_reason) == ("", "the bot does not know the settings of this type")


def test_a_secret_in_place_of_a_plain_setting_leaves_nothing_certain() -> None:
    found = find_destination("redshift", {"hostname": "db.example.com"}, ["hostname"])
    assert (found.host, found.unknown_reason) == ("", "`hostname` is not a setting for a secret")


def test_the_table_has_every_setting_of_the_catalog() -> None:
    for each in load_catalog().types:
        layout = destinations._LAYOUTS[each.slug]
        plain = {setting.name for setting in each.settings if setting.is_writable and not setting.is_secret}
        secret = {setting.name for setting in each.settings if setting.is_writable and setting.is_secret}
        assert plain - {"credential_id"} == (layout.others | {layout.key}) - {""}
        assert secret == layout.secrets
        assert get_host_setting(each.slug) == layout.key
    assert get_host_setting("novel") == ""


LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
HOSTS = st.lists(LABELS, min_size=1, max_size=5).map(".".join)


@given(host=HOSTS, upper=st.booleans(), dot=st.booleans())
def test_a_host_is_the_same_in_any_case_and_with_a_dot_at_its_end(host: str, upper: bool, dot: bool) -> None:
    assert parse_host((host.upper() if upper else host) + "." * dot) == host


@given(host=HOSTS, odd=st.characters(exclude_categories=["Lu", "Ll", "Nd"], exclude_characters=".-_ "), other=HOSTS)
def test_a_host_with_anything_else_in_it_is_none(host: str, odd: str, other: str) -> None:
    assert parse_host(f"{host}{odd}{other}") == ""
    assert parse_host(f"{odd}{host}") == ""
    assert parse_host(f"{host}{odd}") == ""


@given(text=st.text(max_size=300))
def test_what_is_a_host_has_only_the_characters_of_one(text: str) -> None:
    host = parse_host(text)
    assert set(host) <= {*ascii_lowercase, *digits, *"-_."}
    assert parse_host(host) == host


def test_what_the_catalogs_forms_fill_in_raises_no_doubt() -> None:
    defaults = {setting.name: setting.default for setting in kind("bigquery").settings if setting.default}
    assert find_destination("bigquery", {"gc-project": "acme-prod", **defaults}).host == "bigquery.googleapis.com"
