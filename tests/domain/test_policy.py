"""Who may ask, who may decide, and what needs an approval."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.actors import Actor, Kind
from bot.domain.changes import Change, Create, Delete, Target, Update
from bot.domain.policy import (
    EVERYONE,
    NO_APPROVERS,
    Action,
    Policy,
    Rule,
    action_of,
    may_ask,
    may_break_glass,
    may_decide,
    may_look,
    may_read_requests,
    may_use,
)
from bot.domain.warehouses import SecretRef
from tests.support.samples import ALICE, BOB, PROD, warehouse

POLICY = Policy.of(frozenset({"S0DATA", "U0DAN"}))
DAN = Actor(id="U0DAN", kind=Kind.MEMBER)
TARGET = Target.of(warehouse())
DELETE = Delete(target=TARGET)
CREATE = Create(space=PROD, metadata_id="m", type_slug="snowflake", type_name="Snowflake", name="new")


@pytest.mark.parametrize(
    ("change", "needed"),
    [
        (DELETE, 1),
        (CREATE, 0),
        (Update(target=TARGET, enabled=False), 1),
        (Update(target=TARGET, enabled=True), 0),
        (Update(target=TARGET, name="renamed"), 0),
        (Update(target=TARGET, name="renamed", enabled=True), 0),
        (Update(target=TARGET, schema_name="other"), 1),
        (Update(target=TARGET, settings={"database": "D"}), 1),
        (Update(target=TARGET, secrets={"password": SecretRef(name="X")}), 1),
    ],
)
def test_what_needs_an_approval(change: Change, needed: int) -> None:
    assert POLICY.rule(change).approvals == needed


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.MEMBER])
def test_only_members_ask_and_decide(kind: Kind) -> None:
    actor = Actor(id="U0X", kind=kind, groups=frozenset({"S0DATA"}))
    assert not may_ask(actor, CREATE, POLICY).ok
    assert not may_decide(actor, DELETE, ALICE.id, POLICY).ok
    assert may_ask(actor, CREATE, POLICY).reason.endswith(".")


def test_approvers_decide_as_people_or_through_their_group() -> None:
    assert may_decide(BOB, DELETE, ALICE.id, POLICY).ok
    assert may_decide(Actor(id="U0DAN", kind=Kind.MEMBER), DELETE, ALICE.id, POLICY).ok
    assert not may_decide(ALICE, DELETE, "U0OTHER", POLICY).ok


def test_nobody_decides_their_own() -> None:
    verdict = may_decide(BOB, DELETE, BOB.id, POLICY)
    assert verdict.reason == (
        "You asked for this, so somebody else has to decide it. Asked: <!subteam^S0DATA>, <@U0DAN>."
    )


def test_without_approvers_nothing_destructive_can_be_asked() -> None:
    assert may_ask(ALICE, DELETE, Policy()).reason == NO_APPROVERS
    assert may_ask(ALICE, CREATE, Policy()).ok
    assert not may_decide(BOB, DELETE, ALICE.id, Policy()).ok


@pytest.mark.parametrize(
    ("change", "action"),
    [
        (DELETE, Action.DELETE),
        (CREATE, Action.CREATE),
        (Update(target=TARGET, enabled=False, settings={"a": "b"}), Action.DISABLE),
        (Update(target=TARGET, enabled=True, settings={"a": "b"}), Action.UPDATE),
        (Update(target=TARGET, enabled=True, name="x"), Action.ENABLE),
        (Update(target=TARGET, name="x"), Action.RENAME),
    ],
)
def test_the_strictest_part_of_a_change_names_its_action(change: Change, action: Action) -> None:
    assert action_of(change) is action


def test_a_rule_of_its_own_takes_the_place_of_the_default() -> None:
    strict = Policy(rules={Action.CREATE: Rule(approvals=2, approvers=frozenset({"S0DATA"}))})
    assert strict.rule(CREATE).approvals == 2
    assert strict.rule(DELETE).approvals == 1


def test_who_may_ask_can_be_limited() -> None:
    policy = Policy(rules={Action.CREATE: Rule(approvals=0, requesters=frozenset({"S0DATA"}))})
    assert may_ask(BOB, CREATE, policy).ok
    assert may_ask(ALICE, CREATE, policy).reason == "Only <!subteam^S0DATA> can ask to create a warehouse."


def test_only_those_named_break_the_glass() -> None:
    policy = Policy(rules={Action.DELETE: Rule(break_glass=frozenset({"U0DAN"}))})
    assert may_break_glass(DAN, DELETE, policy).ok
    assert may_break_glass(BOB, DELETE, policy).reason == "Only <@U0DAN> can break the glass here."
    assert may_break_glass(DAN, CREATE, policy).reason == "Nobody can break the glass here."
    assert not may_break_glass(Actor(id="U0DAN", kind=Kind.GUEST), DELETE, policy).ok


def test_guests_look_and_outsiders_do_not() -> None:
    assert may_look(Kind.MEMBER).ok
    assert may_look(Kind.GUEST).ok
    assert not may_look(Kind.OUTSIDER).ok
    assert not may_look(Kind.BOT).ok


TABLE = Policy(
    secrets={
        "*": frozenset({"U0DAN"}),
        "snowflake/*": frozenset({"S0DATA"}),
        "vault:snowflake/*": frozenset({"U0ALICE"}),
        "dev/*": frozenset({EVERYONE}),
        "shut/*": frozenset(),
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
    assert {actor.id for actor in (ALICE, BOB, DAN) if may_use(actor, secret, TABLE).ok} == users


def test_without_a_table_every_member_uses_every_secret() -> None:
    assert may_use(ALICE, "vault:anything", Policy()).ok
    assert not may_use(Actor(id="U0G", kind=Kind.GUEST), "vault:anything", Policy()).ok
    assert not may_use(Actor(id="U0DAN", kind=Kind.GUEST), "LOADER", TABLE).ok


def test_with_a_table_what_it_forgets_is_for_nobody() -> None:
    assert may_use(ALICE, "LOADER", Policy(secrets={})).reason == "The secret `LOADER` is for nobody to use."
    only = Policy(secrets={"snowflake/*": frozenset({"U0ALICE"})})
    assert may_use(ALICE, "redshift/loader", only).reason == "The secret `redshift/loader` is for nobody to use."


def test_the_reason_names_who_may() -> None:
    verdict = may_use(ALICE, "snowflake/loader", TABLE)
    assert verdict.reason == "The secret `snowflake/loader` is for <!subteam^S0DATA> to use."


def test_of_patterns_as_long_each_has_to_let_through() -> None:
    both = Policy(secrets={"prod*": frozenset({"U0ALICE", "U0DAN"}), "*prod": frozenset({EVERYONE})})
    assert may_use(DAN, "prod-x-prod", both).ok
    assert not may_use(BOB, "prod-x-prod", both).ok
    assert may_use(BOB, "x-prod", both).ok


PATTERNS = st.text(alphabet="ab/*?:", min_size=1, max_size=5)
LISTS = st.frozensets(st.sampled_from(["U0ALICE", "S0DATA", EVERYONE]))


@given(table=st.dictionaries(PATTERNS, LISTS, max_size=5), secret=st.text(alphabet="ab/:", min_size=1, max_size=6))
def test_only_who_some_pattern_names_is_let_through_and_the_order_says_nothing(
    table: dict[str, frozenset[str]], secret: str
) -> None:
    turned = dict(reversed(table.items()))
    for actor in (ALICE, BOB, DAN):
        verdict = may_use(actor, secret, Policy(secrets=table))
        assert not verdict.ok or any(names & {actor.id, *actor.groups, EVERYONE} for names in table.values())
        assert verdict.ok is may_use(actor, secret, Policy(secrets=turned)).ok
        assert not may_use(actor, secret, Policy(secrets=dict.fromkeys(table, frozenset[str]()))).ok


def test_people_of_secrets_are_looked_up_like_the_others() -> None:
    assert TABLE.names == {"U0DAN", "S0DATA", "U0ALICE"}
    policy = Policy(secrets={"a": frozenset({"@data", EVERYONE})})
    assert policy.names == {"@data"}
    assert policy.renamed({"@data": "S0DATA"}).secrets == {"a": frozenset({"S0DATA", EVERYONE})}
    assert Policy().renamed({}).secrets is None
    assert Policy(secrets={}).renamed({}).secrets == {}


def test_requests_are_shown_to_members_and_guests_and_to_nobody_else() -> None:
    shown = {kind for kind in Kind if may_read_requests(Actor(id="U1", kind=kind)).ok}
    assert shown == {Kind.MEMBER, Kind.GUEST}
    assert "Look again" in may_read_requests(Actor(id="U1", kind=Kind.UNKNOWN)).reason
