"""The chain of the audit log: what is found with the key, with a head kept elsewhere, and what can't be found."""

import json

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.domain.audit.entries import EMPTY_LOG_HEAD, AuditEntry, AuditHead, ChainedEntry
from bot.domain.audit.keys import AuditKeys
from bot.domain.audit.verification import (
    AuditReport,
    AuditVerifier,
    check_key_at_start,
    create_introduction_entry,
    summarize_report,
)
from tests.support.forged_requests import chained
from tests.support.samples import NOON

OLD, NEW, OTHER = (SecretStr(Fernet.generate_key().decode()) for _ in range(3))
UNKEYED = AuditKeys()
KEYED = AuditKeys([NEW])
FOREIGN = AuditKeys([OTHER])


def _link(text: str) -> ChainedEntry:
    entry = AuditEntry(at=NOON, request_id="W-1", actor=text, action="approve", state="pending")
    return ChainedEntry(0, entry.model_dump_json(), "", "", "W-1")


def _introducing(keys: AuditKeys, after: str = "") -> ChainedEntry:
    return ChainedEntry(0, create_introduction_entry(keys.current_id, after, NOON).model_dump_json(), "", "", "")


def _keyed(names: list[str], keys: AuditKeys = KEYED) -> list[ChainedEntry]:
    return chained([_introducing(keys), *map(_link, names)], keys)


def _problems(
    links: list[ChainedEntry],
    keys: AuditKeys = UNKEYED,
    head: AuditHead | None = None,
    expected: AuditHead | None = None,
) -> list[str]:
    """What is wrong with `links`, whose end is recorded as `head`: as it is, where there is none."""
    check = AuditVerifier(keys, expected_head=expected)
    for link in links:
        check.verify_entry(link)
    check.verify_end(head or _end(links))
    return check.problems


def _end(links: list[ChainedEntry]) -> AuditHead:
    return links[-1].head if links else EMPTY_LOG_HEAD


NAMES = st.lists(st.text("abc", max_size=2), min_size=1, max_size=6)


@st.composite
def attacks(draw: st.DrawFn, links: list[ChainedEntry]) -> list[ChainedEntry]:
    """`links` after edits, cuts, insertions and reorderings, by somebody without the key who may chain them again."""
    made = list(links)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(0, len(made) - 1)))
        match draw(st.sampled_from(["edit", "cut out", "cut off", "insert", "swap", "copy", "refile", "nothing"])):
            case "edit" if made:
                made[at] = made[at]._replace(entry_json=made[at].entry_json.replace("approve", "deny"))
            case "cut out" if made:
                del made[at]
            case "cut off":
                del made[at:]
            case "insert":
                made.insert(at, _link("eve"))
            case "swap" if made:
                made[0], made[at] = made[at], made[0]
            case "copy" if made:
                made.insert(at, made[-1])
            case "refile" if made:
                made[at] = made[at]._replace(request_id="")
    label = draw(st.sampled_from([None, "", KEYED.current_id]))
    keys = draw(st.sampled_from([None, UNKEYED, FOREIGN]))
    if draw(st.booleans()):
        made = [link._replace(seq=seq) for seq, link in enumerate(made, 1)]
    return made if keys is None else chained(made, keys, label)


@given(data=st.data(), names=NAMES)
def test_with_the_key_nothing_goes_unseen_but_entries_cut_off_together_with_the_record_of_the_end(
    data: st.DataObject, names: list[str]
) -> None:
    links = _keyed(names)
    assert _problems(links, KEYED) == []
    touched = data.draw(attacks(links))
    head = data.draw(st.sampled_from([_end(links), _end(touched)]))
    if touched == links or (len(touched) > 0 and touched == links[: len(touched)] and head == _end(touched)):
        assert _problems(touched, KEYED, _end(touched)) == []
    else:
        assert _problems(touched, KEYED, head)


@given(data=st.data(), names=NAMES, keyed=st.booleans())
def test_with_a_head_kept_elsewhere_nothing_before_it_goes_unseen(
    data: st.DataObject, names: list[str], keyed: bool
) -> None:
    keys = KEYED if keyed else UNKEYED
    links = _keyed(names) if keyed else chained(map(_link, names))
    touched = data.draw(attacks(links))
    if touched[: len(links)] != links:
        assert _problems(touched, keys, expected=_end(links))


@given(data=st.data(), names=NAMES)
def test_without_a_key_whoever_does_not_chain_anew_is_seen(data: st.DataObject, names: list[str]) -> None:
    links = chained(map(_link, names))
    at = data.draw(st.integers(0, len(links) - 1))
    edited = [*links[:at], links[at]._replace(entry_json=_link("eve").entry_json), *links[at + 1 :]]
    assert _problems(edited)
    assert _problems(links[:at], head=_end(links))
    assert _problems([*links[:at], *links[at + 1 :]], head=_end(links))


@given(names=NAMES, others=NAMES)
def test_without_a_key_a_log_that_is_chained_anew_can_not_be_told_from_the_true_one(
    names: list[str], others: list[str]
) -> None:
    assert _problems(chained(map(_link, names))) == _problems(chained(map(_link, others))) == []


def test_with_the_key_a_log_without_one_is_not_taken_for_it() -> None:
    for forged in (chained(map(_link, "ab")), chained(_keyed(["a"])), _keyed(["a"], FOREIGN)):
        assert _problems(forged, KEYED)
    assert "AUDIT_KEY" in _problems(_keyed(["a"]), UNKEYED)[0]


def _rotated() -> tuple[AuditKeys, list[ChainedEntry]]:
    """A log that was not keyed, then keyed with OLD, then with NEW."""
    both, old = AuditKeys([NEW, OLD]), AuditKeys([OLD])
    links: list[ChainedEntry] = []
    for key, link in (
        ("", _link("a")),
        (old.current_id, _introducing(old)),
        (old.current_id, _link("b")),
        (both.current_id, _introducing(both, old.current_id)),
        (both.current_id, _link("c")),
    ):
        before, seq = _end(links).hash, len(links) + 1
        links.append(link._replace(seq=seq, key_id=key, hash=both.hash_entry(key, before, seq, link.entry_json)))
    return both, links


def test_a_key_binds_what_was_there_before_it() -> None:
    both, links = _rotated()
    assert _problems(links, both) == []
    assert _problems([links[0]._replace(entry_json=_link("eve").entry_json), *links[1:]], both)
    changed = chained([_link("eve")])
    assert _problems([*changed, *links[1:]], both)


def test_a_log_does_not_go_back_to_an_older_key_nor_end_with_one() -> None:
    both, links = _rotated()
    assert any("newest AUDIT_KEY" in each for each in _problems(links[:3], both))
    for key, word in (("", "is not keyed"), (AuditKeys([OLD]).current_id, "has an older key")):
        link = _link("d")
        late = link._replace(seq=6, key_id=key, hash=both.hash_entry(key, links[-1].hash, 6, link.entry_json))
        assert any(word in each for each in _problems([*links, late], both))


def test_a_key_that_nothing_introduces_is_found() -> None:
    links = chained([_link("a")], KEYED)
    assert any("does not introduce it" in each for each in _problems(links, KEYED))


def test_an_entry_that_is_no_entry_is_a_problem_and_no_crash() -> None:
    assert "can't be read" in _problems(chained([_link("a")._replace(entry_json="{")]))[0]


def test_a_head_is_read_as_it_is_printed() -> None:
    head = _end(_keyed(["a"]))
    assert AuditHead.parse(str(head))[:2] == head[:2]
    assert AuditHead.parse(str(EMPTY_LOG_HEAD)) == EMPTY_LOG_HEAD
    for bad in ("", "12", "12:", ":ab", "12:zz", "-1:" + "a" * 64, "1:" + "a" * 63, "0" * 20 + ":"):
        with pytest.raises(ValueError, match="head"):
            AuditHead.parse(bad)


def _start(
    keys: AuditKeys, links: list[ChainedEntry], head: AuditHead | None = None, *, requests: bool = True
) -> tuple[bool, str]:
    before = links[-2].hash if len(links) > 1 else ""
    return check_key_at_start(keys, head or _end(links), links[-1] if links else None, before, has_requests=requests)


def test_a_process_introduces_its_key_once() -> None:
    both, links = _rotated()
    assert _start(KEYED, [], requests=False) == (True, "")
    assert _start(KEYED, links[:1]) == (True, "")
    assert _start(both, links[:3]) == (True, "")
    assert _start(both, links) == (False, "")
    assert _start(UNKEYED, links[:1]) == (False, "")


@pytest.mark.parametrize(
    ("keys", "at", "says"),
    [
        (UNKEYED, 5, "no key is set"),
        (FOREIGN, 5, "another key"),
        (AuditKeys([OLD]), 5, "another key"),
        (KEYED, 3, "another key"),
    ],
)
def test_a_process_without_the_key_does_not_start(keys: AuditKeys, at: int, says: str) -> None:
    is_new, refusal = _start(keys, _rotated()[1][:at])
    assert not is_new
    assert says in refusal


def test_a_key_is_not_introduced_after_an_end_that_was_changed_or_in_place_of_what_was_deleted() -> None:
    both, links = _rotated()
    assert "deleted" in _start(KEYED, [])[1]
    assert "deleted" not in _start(UNKEYED, [])[1]
    assert "was changed" in _start(KEYED, [links[0]._replace(entry_json="{}")])[1]
    assert "was changed" in _start(KEYED, [links[0]], AuditHead(0, ""))[1]
    assert "was changed" in _start(both, links[:4], links[4].head)[1]
    assert "missing" in check_key_at_start(KEYED, None, None, "", has_requests=True)[1]


def test_the_summary_says_how_much_is_whole_or_the_first_problems() -> None:
    links = _keyed(["a"])
    whole = summarize_report(AuditReport(_end(links), 1, KEYED.current_id, 1, ()))
    assert whole.startswith(f"The audit log is whole: 2 entries, head {_end(links)}\n1 request equals its entries.\n")
    assert f"keyed from entry 1 on (key {KEYED.current_id})" in whole
    assert "not keyed" in summarize_report(AuditReport(EMPTY_LOG_HEAD, 0, "", None, ()))
    broken = summarize_report(AuditReport(EMPTY_LOG_HEAD, 0, "", None, tuple(f"Problem {n}." for n in range(8))))
    assert "Problem 4." in broken
    assert "Problem 5." not in broken
    assert "and 3 more" in broken


def test_a_key_tells_nothing_of_itself() -> None:
    assert NEW.get_secret_value() not in repr(KEYED)
    assert KEYED.current_id not in json.dumps(NEW.get_secret_value())
    assert AuditKeys([NEW, OLD]).current_id == KEYED.current_id != AuditKeys([OLD, NEW]).current_id
