"""A stored request is what its entries say: any difference is found, and none is where there is none."""

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


def _moved(
    asked: Request, *moves: Transition, keys: AuditKeys = KEYED, digests: bool = True
) -> tuple[Request, list[KeyedEntry]]:
    """The request after `moves`, and its entries; without `digests` as the version before wrote them."""
    entries = [create_request_entry(asked, SALT, keys)]
    for move in moves:
        asked = advance(asked, move)
        entries.append(create_transition_entry(asked, move))
    if not digests:
        entries = [each.model_copy(update={"digest": ""}) for each in entries]
    return asked, [KeyedEntry(each, keys.current_id) for each in entries]


def _approved(
    change: Change = UPDATE, keys: AuditKeys = KEYED, *, digests: bool = True
) -> tuple[Request, list[KeyedEntry]]:
    asked = request(change, needed=2).model_copy(update={"expires_at": later(600), "reason": "moved"})
    votes = [Approve(by=name, at=later(number)) for number, name in enumerate(("U0BOB", "U0CAROL"), 1)]
    return _moved(asked, *votes, keys=keys, digests=digests)


def _forged(stored: Request, edit: Callable[[dict[str, Any]], object]) -> Request:
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


@pytest.mark.parametrize("digests", [True, False], ids=["as asked now", "as asked by the version before"])
@pytest.mark.parametrize("keys", [KEYED, UNKEYED], ids=["keyed", "unkeyed"])
@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_whatever_is_changed_of_a_request_is_found(
    forgery: Callable[[dict[str, Any]], object], keys: AuditKeys, digests: bool
) -> None:
    stored, entries = _approved(keys=keys, digests=digests)
    assert find_difference(stored, entries, SALT, keys) == ""
    assert find_difference(_forged(stored, forgery), entries, SALT, keys)


def test_a_setting_that_the_entry_hides_is_bound_by_the_digest() -> None:
    stored, entries = _approved()
    other = _forged(stored, lambda body: body["change"]["settings"].update(odd_key="hidden other"))
    assert "hidden value" not in entries[0].entry.model_dump_json()
    assert find_difference(other, entries, SALT, KEYED) == "it was asked differently"
    assert find_difference(stored, entries, "another salt", KEYED) == "it was asked differently"
    assert find_difference(other, _approved(digests=False)[1], SALT, KEYED) == ""  # what older entries can't tell


def test_an_update_that_changes_nothing_is_no_deletion() -> None:
    target = WarehouseSnapshot.of(warehouse())
    stored, _ = _approved(Delete(target=target))
    _, entries = _approved(Update(target=target))
    assert find_difference(stored, entries, SALT, KEYED) == "it was asked differently"


def test_a_request_without_entries_or_with_others_is_found() -> None:
    stored, entries = _approved()
    assert find_difference(stored, [], SALT, KEYED) == "it was never asked"
    assert find_difference(stored, entries[1:], SALT, KEYED) == "it was never asked"
    assert find_difference(stored, [entries[0], *entries], SALT, KEYED) == "an entry of it can't be read"
    torn = KeyedEntry(entries[1].entry.model_copy(update={"detail": "{"}), KEYED.current_id)
    assert find_difference(stored, [entries[0], torn, entries[2]], SALT, KEYED) == "an entry of it can't be read"


@pytest.mark.parametrize("digests", [True, False])
def test_what_a_later_version_adds_changes_no_comparison(digests: bool) -> None:
    """A field with a default: leaving `beside` out of the old entry stands for a version that did not know it."""
    stored, entries = _approved(digests=digests)
    detail = {key: value for key, value in json.loads(entries[0].entry.detail).items() if key != "beside"}
    old = [entries[0]._replace(entry=entries[0].entry.model_copy(update={"detail": json.dumps(detail)})), *entries[1:]]
    assert find_difference(stored, old, SALT, KEYED) == ""
    filled = _forged(stored, lambda body: body.update(beside="W-2"))
    assert find_difference(filled, old, SALT, KEYED) == "it was asked differently"


@pytest.mark.parametrize("digests", [True, False])
def test_what_an_older_version_asked_is_what_its_entries_say_also_when_it_takes_more_since(digests: bool) -> None:
    """That version wrote how many approvals are `needed`, and nothing of the actions that votes count for."""
    asked, entries = _moved(request(UPDATE, needed=1), digests=digests)
    entry = entries[0].entry
    detail = json.loads(entry.detail)
    (wanted,) = detail.pop("requirements")
    detail |= {"needed": wanted["approvals"], "asked_of": wanted["approvers"]}
    first = entries[0]._replace(entry=entry.model_copy(update={"detail": json.dumps(detail)}))
    assert find_difference(asked, [first], SALT, KEYED) == ""
    more = tuple(each.model_copy(update={"approvals": 2}) for each in asked.requirements)
    later_on = advance(asked, Revalidate(at=later(1), requirements=more))
    moved = KeyedEntry(create_transition_entry(later_on, later_on.history[0]), KEYED.current_id)
    assert find_difference(later_on, [first, moved], SALT, KEYED) == ""
    assert find_difference(later_on.model_copy(update={"requirements": ()}), [first, moved], SALT, KEYED)


def test_a_digest_stays_what_it_is_in_every_version() -> None:
    """Else requests that are stored already would differ from their entries. Fields with a default don't count."""
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
def test_an_entry_that_shows_no_request_can_not_be_read(detail: str) -> None:
    stored, entries = _approved()
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
def test_a_request_is_what_its_entries_say_however_it_comes_back_from_the_database(
    settings: dict[str, Any], data: st.DataObject
) -> None:
    plain_keys = tuple(settings)[: data.draw(st.integers(0, 4))]
    for keys, digests in ((KEYED, True), (UNKEYED, True), (UNKEYED, False)):
        assert _difference_when_read(settings, plain_keys, keys, digests=digests) == ""


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")], ids=str)
def test_a_number_that_json_lacks_comes_back_as_it_was_asked(number: float) -> None:
    """As 1e999 is, which people may type: what is stored has null in its place."""
    settings = {"ratio": number, "more": [number, {"deep": number}]}
    assert _difference_when_read(settings, ("ratio",), KEYED, digests=True) == ""


def _difference_when_read(
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
    stored, entries = _moved(request(change, needed=0), claim, done, keys=keys, digests=digests)
    read = Request.model_validate_json(stored.model_dump_json())
    again = [KeyedEntry(AuditEntry.model_validate_json(each.entry.model_dump_json()), each.key_id) for each in entries]
    return find_difference(read, again, SALT, keys)
