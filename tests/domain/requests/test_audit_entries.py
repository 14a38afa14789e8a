"""The comparison of a stored request with its audit entries finds every difference, and reports no other."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.domain.audit.entries import AuditEntry
from bot.domain.audit.keys import AuditKeys
from bot.domain.audit.verification import KeyedEntry
from bot.domain.changes.change import Change, Create, Delete, Update, WarehouseSnapshot
from bot.domain.requests.audit_entries import create_request_entry, create_transition_entry
from bot.domain.requests.log_comparison import find_difference
from bot.domain.requests.request import Request
from bot.domain.requests.state_table import advance
from bot.domain.requests.transitions import Approve, Claim, Revalidate, Succeed, Transition
from bot.domain.warehouses import SecretRef
from tests.support.samples import NOON, PROD, kind, later, request, warehouse

KEYED, UNKEYED = AuditKeys([SecretStr(Fernet.generate_key().decode())]), AuditKeys()
SALT = "5a17" * 8

UPDATE = Update(
    target=WarehouseSnapshot.of(warehouse(account="acme")),
    settings={"account": "globex", "odd_key": "hidden value"},
    secrets={"password": SecretRef(name="LOADER")},
    plain_keys=("account",),
)


def _advance_with_entries(
    asked: Request, *transitions: Transition, keys: AuditKeys = KEYED, digests: bool = True
) -> tuple[Request, list[KeyedEntry]]:
    """Return the request after `transitions` and its entries; without `digests`, as an older version wrote them."""
    entries = [create_request_entry(asked, SALT, keys)]
    for transition in transitions:
        asked = advance(asked, transition)
        entries.append(create_transition_entry(asked, transition))
    if not digests:
        entries = [each.model_copy(update={"digest": ""}) for each in entries]
    return asked, [KeyedEntry(each, keys.current_id) for each in entries]


def _approved_request(
    change: Change = UPDATE, keys: AuditKeys = KEYED, *, digests: bool = True
) -> tuple[Request, list[KeyedEntry]]:
    asked = request(change, needed=2).model_copy(update={"expires_at": later(600), "reason": "moved"})
    votes = [Approve(by=name, at=later(number)) for number, name in enumerate(("U0BOB", "U0CAROL"), 1)]
    return _advance_with_entries(asked, *votes, keys=keys, digests=digests)


def _forge(stored: Request, edit: Callable[[dict[str, Any]], object]) -> Request:
    body = stored.model_dump(mode="json")
    edit(body)
    return Request.model_validate(body)


FORGERIES: dict[str, Callable[[dict[str, Any]], object]] = {
    "no approvals needed": lambda body: body.update(requirements=[]),
    "fewer approvals needed": lambda body: body["requirements"][0].update(approvals=1),
    "fewer, as older versions wrote it": lambda body: body.update(needed=1),
    "another who asked": lambda body: body.update(asked_by="U0EVE"),
    "another approver group": lambda body: body["requirements"][0].update(approvers="<@U0EVE>"),
    "another warehouse": lambda body: body["change"]["target"].update(id="w_other"),
    "another fingerprint": lambda body: body["change"]["target"].update(fingerprint="0" * 16),
    "another setting that is shown": lambda body: body["change"]["settings"].update(account="evil"),
    "one setting more": lambda body: body["change"]["settings"].update(host="evil"),
    "one setting less": lambda body: body["change"]["settings"].pop("odd_key"),
    "another secret": lambda body: body["change"]["secrets"]["password"].update(name="OTHER"),
    "turned off too": lambda body: body["change"].update(enabled=False),
    "another act": lambda body: body.update(change={"kind": "delete", "target": body["change"]["target"]}),
    "another reason": lambda body: body.update(reason="harmless"),
    "no expiry": lambda body: body.update(expires_at=None),
    "another state": lambda body: body.update(state="unknown"),
    "another approver": lambda body: body["history"][0].update(by="U0DAN"),
    "another time": lambda body: body["history"][0].update(at="2026-11-23T12:00:09Z"),
    "one vote more": lambda body: body["history"].append({"kind": "approve", "by": "U0D", "at": NOON.isoformat()}),
    "one vote less": lambda body: body["history"].pop(),
    "votes in another order": lambda body: body["history"].reverse(),
}


@pytest.mark.parametrize("digests", [True, False], ids=["with digests", "without digests"])
@pytest.mark.parametrize("keys", [KEYED, UNKEYED], ids=["keyed", "unkeyed"])
@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_any_change_to_a_stored_request_is_found(
    forgery: Callable[[dict[str, Any]], object], keys: AuditKeys, digests: bool
) -> None:
    stored, entries = _approved_request(keys=keys, digests=digests)
    assert find_difference(stored, entries, SALT, keys) == ""
    assert find_difference(_forge(stored, forgery), entries, SALT, keys)


def test_the_digest_covers_a_setting_that_the_entry_hides() -> None:
    stored, entries = _approved_request()
    other = _forge(stored, lambda body: body["change"]["settings"].update(odd_key="hidden other"))
    assert "hidden value" not in entries[0].entry.model_dump_json()
    assert find_difference(other, entries, SALT, KEYED) == "it was asked differently"
    assert find_difference(stored, entries, "another salt", KEYED) == "it was asked differently"
    _, entries_without_digests = _approved_request(digests=False)
    assert find_difference(other, entries_without_digests, SALT, KEYED) == ""


def test_an_empty_update_does_not_match_a_deletion() -> None:
    target = WarehouseSnapshot.of(warehouse())
    stored, _ = _approved_request(Delete(target=target))
    _, entries = _approved_request(Update(target=target))
    assert find_difference(stored, entries, SALT, KEYED) == "it was asked differently"


def test_missing_additional_and_unreadable_entries_are_found() -> None:
    stored, entries = _approved_request()
    assert find_difference(stored, [], SALT, KEYED) == "it was never asked"
    assert find_difference(stored, entries[1:], SALT, KEYED) == "it was never asked"
    assert find_difference(stored, [entries[0], *entries], SALT, KEYED) == "an entry of it can't be read"
    torn = KeyedEntry(entries[1].entry.model_copy(update={"detail": "{"}), KEYED.current_id)
    assert find_difference(stored, [entries[0], torn, entries[2]], SALT, KEYED) == "an entry of it can't be read"


@pytest.mark.parametrize("digests", [True, False])
def test_a_field_that_a_later_version_adds_makes_no_difference(digests: bool) -> None:
    """The old entry lacks `beside`, as if a version that did not know this field wrote it."""
    stored, entries = _approved_request(digests=digests)
    detail = {key: value for key, value in json.loads(entries[0].entry.detail).items() if key != "beside"}
    old = [entries[0]._replace(entry=entries[0].entry.model_copy(update={"detail": json.dumps(detail)})), *entries[1:]]
    assert find_difference(stored, old, SALT, KEYED) == ""
    filled = _forge(stored, lambda body: body.update(beside="W-2"))
    assert find_difference(filled, old, SALT, KEYED) == "it was asked differently"


@pytest.mark.parametrize("digests", [True, False])
def test_a_request_of_an_older_version_matches_its_entries_also_after_revalidation(digests: bool) -> None:
    """Older versions wrote the number of approvals as `needed`, and no actions of votes."""
    asked, entries = _advance_with_entries(request(UPDATE, needed=1), digests=digests)
    entry = entries[0].entry
    detail = json.loads(entry.detail)
    (requirement,) = detail.pop("requirements")
    detail |= {"needed": requirement["approvals"], "asked_of": requirement["approvers"]}
    first = entries[0]._replace(entry=entry.model_copy(update={"detail": json.dumps(detail)}))
    assert find_difference(asked, [first], SALT, KEYED) == ""
    more = tuple(each.model_copy(update={"approvals": 2}) for each in asked.requirements)
    revalidated = advance(asked, Revalidate(at=later(1), requirements=more))
    revalidation = KeyedEntry(create_transition_entry(revalidated, revalidated.history[0]), KEYED.current_id)
    assert find_difference(revalidated, [first, revalidation], SALT, KEYED) == ""
    assert find_difference(revalidated.model_copy(update={"requirements": ()}), [first, revalidation], SALT, KEYED)


def test_the_digest_is_the_same_in_every_version() -> None:
    """Else stored requests would differ from their entries. Fields with their default value do not count."""
    asked = request(UPDATE, needed=2)
    assert (
        create_request_entry(asked, SALT, UNKEYED).digest
        == "04b3d717d8c1e14db8455120f93d616adb176cf51960e96ca68f00676fcd18b9"
    )
    assert (
        create_request_entry(asked.model_copy(update={"beside": "W-2"}), SALT, UNKEYED).digest
        == "04b3d717d8c1e14db8455120f93d616adb176cf51960e96ca68f00676fcd18b9"
    )


@pytest.mark.parametrize("detail", ["{", "[]", "{}", '{"change": 1}', '{"id": "W-000001"}'])
def test_an_entry_without_a_valid_request_or_state_is_unreadable(detail: str) -> None:
    stored, entries = _approved_request()
    other = entries[0]._replace(entry=entries[0].entry.model_copy(update={"detail": detail}))
    assert find_difference(stored, [other, *entries[1:]], SALT, KEYED) == "an entry of it can't be read"
    state = entries[2]._replace(entry=entries[2].entry.model_copy(update={"state": "nowhere"}))
    assert find_difference(stored, [*entries[:2], state], SALT, KEYED) == "an entry of it can't be read"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(settings=st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), JSON, max_size=4), data=st.data())
def test_a_request_read_from_the_database_matches_its_entries(settings: dict[str, Any], data: st.DataObject) -> None:
    plain_keys = tuple(settings)[: data.draw(st.integers(0, 4))]
    for keys, digests in ((KEYED, True), (UNKEYED, True), (UNKEYED, False)):
        assert _find_difference_after_reading(settings, plain_keys, keys, digests=digests) == ""


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")], ids=str)
def test_a_number_that_json_lacks_makes_no_difference(number: float) -> None:
    """People may type 1e999, which is infinite; the database stores null for it."""
    settings = {"ratio": number, "more": [number, {"deep": number}]}
    assert _find_difference_after_reading(settings, ("ratio",), KEYED, digests=True) == ""


def _find_difference_after_reading(
    settings: dict[str, Any], plain_keys: tuple[str, ...], keys: AuditKeys, *, digests: bool
) -> str:
    snow = kind("snowflake")
    change = Create(
        space=PROD,
        metadata_id=snow.metadata_id,
        type_slug=snow.slug,
        type_name=snow.name,
        name="new",
        settings=settings,
        plain_keys=plain_keys,
    )
    claim = Claim(by="p1", at=later(1), until=later(1) + timedelta(minutes=5), known=("w_1", "w_2"))
    done = Succeed(at=later(2), warehouse_id="w_3", verified=True)
    stored, entries = _advance_with_entries(request(change, needed=0), claim, done, keys=keys, digests=digests)
    read = Request.model_validate_json(stored.model_dump_json())
    again = [KeyedEntry(AuditEntry.model_validate_json(each.entry.model_dump_json()), each.key_id) for each in entries]
    return find_difference(read, again, SALT, keys)
