"""Who may use which secrets, and where each may be sent."""

from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bot.domain.actors import Actor, ActorKind
from bot.domain.changes.change import Create, Update, WarehouseSnapshot
from bot.domain.destinations import Destination, find_destination
from bot.domain.policy import EVERYONE, NO_APPROVERS, Action, Policy, Rule, SecretRule
from bot.domain.secret_rules import (
    destination_of,
    may_send_all_secrets,
    may_send_secret,
    may_test_connection,
    may_use_secret,
    secrets_of,
)
from bot.domain.warehouses import SecretRef, Warehouse
from tests.support.samples import ALICE, BOB, PROD, warehouse

DAN = Actor(id="U0DAN", kind=ActorKind.MEMBER)
GUEST = Actor(id="U0DAN", kind=ActorKind.GUEST)


def policy(table: Mapping[str, Iterable[str]]) -> Policy:
    """One whose secrets are for those people, and may go anywhere."""
    return Policy(secrets={pattern: SecretRule(users=frozenset(users)) for pattern, users in table.items()})


TABLE = policy(
    {
        "*": {"U0DAN"},
        "snowflake/*": {"S0DATA"},
        "vault:snowflake/*": {"U0ALICE"},
        "dev/*": {EVERYONE},
        "shut/*": set(),
    }
)


@pytest.mark.parametrize(
    ("secret", "users"),
    [
        ("LOADER", {"U0DAN"}),
        ("file:LOADER", {"U0DAN"}),
        ("snowflake/loader", {"U0BOB"}),
        ("aws:snowflake/a/b", {"U0BOB"}),
        ("vault:snowflake/loader", {"U0ALICE"}),
        ("aws:dev/loader", {"U0ALICE", "U0BOB", "U0DAN"}),
        ("shut/loader", set()),
        ("SNOWFLAKE/loader", {"U0DAN"}),
    ],
)
def test_the_most_exact_pattern_says_who_uses_a_secret(secret: str, users: set[str]) -> None:
    assert {actor.id for actor in (ALICE, BOB, DAN) if may_use_secret(actor, secret, TABLE).is_allowed} == users


def test_without_a_policy_file_every_member_uses_every_secret() -> None:
    assert may_use_secret(ALICE, "vault:anything", Policy()).is_allowed
    assert may_send_secret(Policy(), "vault:anything", Destination(unknown_reason="it is not")).is_allowed
    assert not may_use_secret(Actor(id="U0G", kind=ActorKind.GUEST), "vault:anything", Policy()).is_allowed
    assert not may_use_secret(GUEST, "LOADER", TABLE).is_allowed


def test_a_secret_that_the_table_does_not_name_is_for_nobody_and_the_reason_says_what_to_add() -> None:
    for table in (policy({}), policy({"snowflake/*": {"U0ALICE"}})):
        assert may_use_secret(ALICE, "redshift/loader", table).reason == (
            "Nobody may use the secret `redshift/loader`: `[secrets]` in `policy.toml` names nobody for it. "
            'Whoever runs the bot adds a line there, such as `"redshift/loader" = ["@data-oncall"]`.'
        )


def test_the_reason_names_who_may() -> None:
    verdict = may_use_secret(ALICE, "snowflake/loader", TABLE)
    assert verdict.reason == "The secret `snowflake/loader` is for <!subteam^S0DATA> to use."


def test_of_patterns_as_long_each_has_to_let_through() -> None:
    both = policy({"prod*": {"U0ALICE", "U0DAN"}, "*prod": {EVERYONE}})
    assert may_use_secret(DAN, "prod-x-prod", both).is_allowed
    assert not may_use_secret(BOB, "prod-x-prod", both).is_allowed
    assert may_use_secret(BOB, "x-prod", both).is_allowed


PATTERNS = st.text(alphabet="ab/*?:", min_size=1, max_size=5)
LISTS = st.frozensets(st.sampled_from(["U0ALICE", "S0DATA", EVERYONE]))


@given(table=st.dictionaries(PATTERNS, LISTS, max_size=5), secret=st.text(alphabet="ab/:", min_size=1, max_size=6))
def test_only_who_some_pattern_names_is_let_through_and_the_order_says_nothing(
    table: dict[str, frozenset[str]], secret: str
) -> None:
    turned = dict(reversed(table.items()))
    for actor in (ALICE, BOB, DAN):
        verdict = may_use_secret(actor, secret, policy(table))
        assert not verdict.is_allowed or any(names & {actor.id, *actor.groups, EVERYONE} for names in table.values())
        assert verdict.is_allowed is may_use_secret(actor, secret, policy(turned)).is_allowed
        assert not may_use_secret(actor, secret, policy(dict.fromkeys(table, ()))).is_allowed


def test_people_of_secrets_are_looked_up_like_the_others() -> None:
    assert TABLE.principals == {"U0DAN", "S0DATA", "U0ALICE"}
    named = policy({"a": {"@data", EVERYONE}})
    assert named.principals == {"@data"}
    assert named.with_resolved_names({"@data": "S0DATA"}) == policy({"a": {"S0DATA", EVERYONE}})
    assert Policy().with_resolved_names({}).secrets is None
    assert policy({}).with_resolved_names({}).secrets == {}


REDSHIFT = SecretRule(users=frozenset({EVERYONE}), hosts=frozenset({"*.redshift.amazonaws.com"}))
LIMITED = Policy(
    secrets={
        "redshift/*": REDSHIFT,
        "legacy": REDSHIFT.model_copy(update={"warehouses": frozenset({"legacy-*", "w_1"})}),
        "named": SecretRule(users=frozenset({EVERYONE}), warehouses=frozenset({"Prod"})),
        "nowhere": SecretRule(users=frozenset({EVERYONE}), hosts=frozenset()),
        "*": SecretRule(users=frozenset({EVERYONE})),
    }
)
SERVER = {"hostname": "db.redshift.amazonaws.com", "port": "5439", "database": "d", "username": "u"}


def redshift(*warehouses: str, **settings: JsonValue) -> Destination:
    return find_destination("redshift", SERVER | settings, ["password"], warehouses)


@pytest.mark.parametrize(
    "hostname",
    [
        "db.redshift.amazonaws.com",
        "DB.RedShift.AmazonAWS.com",
        "db.redshift.amazonaws.com.",
        "a.b.redshift.amazonaws.com",
    ],
)
def test_a_secret_is_sent_to_the_hosts_of_its_rule(hostname: str) -> None:
    assert may_send_secret(LIMITED, "vault:redshift/loader", redshift(hostname=hostname)).is_allowed


@pytest.mark.parametrize(
    "settings",
    [
        {"hostname": "evil.example.com"},
        {"hostname": "redshift.amazonaws.com"},
        {"hostname": "evilredshift.amazonaws.com"},
        {"hostname": "db.redshift.amazonaws.com.evil.example.com"},
        {"hostname": "db.redshift.amazonaws.com@evil.example.com"},
        {"hostname": "evil.example.com/.redshift.amazonaws.com"},
        {"hostname": "evil.example.com:5439/x.redshift.amazonaws.com"},
        {"hostname": "evil.example.com#.redshift.amazonaws.com"},
        {"hostname": "evil.example.com,db.redshift.amazonaws.com"},
        {"hostname": "evil.example.com\uff0f.redshift.amazonaws.com"},
        {"hostname": "evil.example.com\n.redshift.amazonaws.com"},
        {"hostname": "evil.example.com\x00.redshift.amazonaws.com"},
        {"hostname": "db.redshift.amazonaws\u3002com"},
        {"hostname": "db.redshift.\u0430mazonaws.com"},
        {"hostname": "db.redshift.amazonaws.com.."},
        {"hostname": "db.redshift.amazonaws.com:5439"},
        {"hostname": ["db.redshift.amazonaws.com"]},
        {"hostname": ""},
        {"host": "evil.example.com"},
        {"jdbc_url": "jdbc:redshift://evil.example.com/"},
        {"credential_id": "c1"},
        {"port": "5439@evil.example.com"},
        {"database": "d?host=evil.example.com"},
        {"database": "host=evil.example.com dbname=d"},
        {"username": "u:p@evil.example.com/"},
        {"database": {"host": "evil.example.com"}},
    ],
)
def test_a_secret_is_not_sent_elsewhere_nor_where_that_is_not_certain(settings: dict[str, JsonValue]) -> None:
    verdict = may_send_secret(LIMITED, "redshift/loader", redshift(**settings))
    assert verdict.reason.startswith(
        "The secret `redshift/loader` may only be sent to `*.redshift.amazonaws.com`, and "
    )
    assert verdict.reason.endswith("It was not sent to Segment.")


def test_the_reason_says_where_it_would_have_gone_or_why_that_is_not_certain() -> None:
    elsewhere = may_send_secret(LIMITED, "redshift/loader", redshift(hostname="Evil.example.com."))
    assert "and these settings lead to `evil.example.com`." in elsewhere.reason
    unclear = may_send_secret(LIMITED, "redshift/loader", redshift(jdbc_url="x"))
    assert "and where it would go is not certain: `jdbc_url` could name another host." in unclear.reason


def test_of_hosts_and_warehouses_each_has_to_be_met_and_an_empty_list_is_nowhere() -> None:
    assert may_send_secret(LIMITED, "legacy", redshift("Legacy-Redshift", "w_9")).is_allowed
    assert may_send_secret(LIMITED, "legacy", redshift("other", "w_1")).is_allowed
    assert "this is `other`" in may_send_secret(LIMITED, "legacy", redshift("other", "w_2")).reason
    assert not may_send_secret(LIMITED, "legacy", redshift("legacy-redshift", hostname="evil.example.com")).is_allowed
    assert may_send_secret(LIMITED, "named", Destination(unknown_reason="it is not", warehouses=("prod",))).is_allowed
    assert not may_send_secret(LIMITED, "named", Destination(warehouses=("production",))).is_allowed
    assert "may be sent nowhere" in may_send_secret(LIMITED, "nowhere", redshift()).reason


def test_the_most_exact_pattern_says_where_a_secret_is_sent() -> None:
    elsewhere = redshift(hostname="evil.example.com")
    assert may_send_secret(LIMITED, "other", elsewhere).is_allowed
    ties = Policy(
        secrets={"red*": REDSHIFT, "*red": REDSHIFT.model_copy(update={"hosts": frozenset({"*.example.com"})})}
    )
    assert not may_send_secret(ties, "red-red", elsewhere).is_allowed
    assert not may_send_secret(ties, "red-red", redshift()).is_allowed


def test_every_secret_of_a_change_is_looked_at_and_what_was_handed_over_is_not() -> None:
    refs = [SecretRef(name="page:1"), SecretRef(name="redshift/loader")]
    elsewhere = redshift(hostname="evil.example.com")
    assert may_send_all_secrets(ALICE, refs[:1], elsewhere, LIMITED).is_allowed
    assert not may_send_all_secrets(ALICE, refs, elsewhere, LIMITED).is_allowed
    assert may_send_all_secrets(ALICE, refs, redshift(), LIMITED).is_allowed
    assert not may_send_all_secrets(GUEST, refs, redshift(), LIMITED).is_allowed


def server(name: str, settings: Mapping[str, JsonValue]) -> Warehouse:
    return warehouse(name, slug="redshift").model_copy(update={"settings": {"name": name, **SERVER, **settings}})


OLD = server("legacy-redshift", {})


def test_an_update_leads_to_where_the_warehouse_is_afterwards() -> None:
    secrets = {"password": SecretRef(name="redshift/loader")}
    update = Update(target=WarehouseSnapshot.of(OLD), secrets=secrets)
    assert destination_of(update).host == "db.redshift.amazonaws.com"
    assert destination_of(update).warehouses == ("legacy-redshift", OLD.id)
    moved = update.model_copy(update={"settings": {"hostname": "evil.example.com"}})
    assert destination_of(moved).host == "evil.example.com"
    cleared = update.model_copy(update={"settings": {"hostname": None}})
    assert destination_of(cleared).unknown_reason == "`hostname` is not set"


@pytest.mark.parametrize(
    "hidden",
    [
        {"jdbc_url": "evil"},
        {"database": "postgres://u:hunter2hunter2@evil.example.com/d"},
        {"database": "d" * 300},
        {"host": "evil.example.com"},
    ],
)
def test_an_update_of_a_warehouse_with_settings_that_nobody_sees_leads_nowhere_for_certain(
    hidden: dict[str, JsonValue],
) -> None:
    there = server("old", hidden)
    found = destination_of(Update(target=WarehouseSnapshot.of(there), secrets={"password": SecretRef(name="x")}))
    assert (found.host, found.unknown_reason) == ("", "it has 1 setting that may not be shown")


def test_what_segment_itself_adds_to_a_warehouse_raises_no_doubt() -> None:
    added: dict[str, JsonValue] = {"host": SERVER["hostname"], "encrypted": True, "ciphertext": "x", "password": ""}
    there = server("old", added)
    assert destination_of(Update(target=WarehouseSnapshot.of(there), name="new")).host == SERVER["hostname"]


def test_a_creation_leads_to_its_settings_under_the_name_that_is_asked_for() -> None:
    create = Create(
        space=PROD, metadata_id="m", type_slug="redshift", type_name="Redshift", name="new", settings=SERVER
    )
    assert destination_of(create) == Destination(host="db.redshift.amazonaws.com", warehouses=("new",))
    assert secrets_of(create) == ()


def test_a_connection_is_tried_by_those_who_could_ask_for_the_change() -> None:
    requesters = Policy(rules={Action.CREATE: Rule(approvals=0, requesters=frozenset({"S0DATA"}))})
    assert may_test_connection(BOB, Action.CREATE, requesters).is_allowed
    assert may_test_connection(ALICE, Action.CREATE, requesters).reason == (
        "Only <!subteam^S0DATA> can ask to create a warehouse, and so test its connection."
    )
    assert may_test_connection(ALICE, Action.UPDATE, requesters).reason == NO_APPROVERS
    assert not may_test_connection(GUEST, Action.CREATE, Policy()).is_allowed
