"""The audit log's chain: which changes verification finds with a key, with a head stored elsewhere, or not at all."""

import json

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.domain.audit.entries import EMPTY_LOG_HEAD, AuditEntry, AuditHead, ChainedEntry
from bot.domain.audit.key_introduction import check_key_at_start, create_introduction_entry
from bot.domain.audit.keys import AuditKeys
from bot.domain.audit.report import AuditReport, summarize_report
from bot.domain.audit.verification import AuditVerifier
from tests.support.forged_requests import chained
from tests.support.samples import NOON

OLD, NEW, OTHER = (SecretStr(Fernet.generate_key().decode()) for _ in range(3))
UNKEYED = AuditKeys()
KEYED = AuditKeys([NEW])
FOREIGN = AuditKeys([OTHER])


def _link(text: str) -> ChainedEntry:
    entry = AuditEntry(at=NOON, request_id="W-1", actor=text, action="approve", state="pending")
    return ChainedEntry(0, entry.model_dump_json(), "", "", "W-1")


def _introduction(keys: AuditKeys, after: str = "") -> ChainedEntry:
    return ChainedEntry(0, create_introduction_entry(keys.current_id, after, NOON).model_dump_json(), "", "", "")


def _keyed_log(names: list[str], keys: AuditKeys = KEYED) -> list[ChainedEntry]:
    return chained([_introduction(keys), *map(_link, names)], keys)


def _problems(
    links: list[ChainedEntry],
    keys: AuditKeys = UNKEYED,
    head: AuditHead | None = None,
    expected: AuditHead | None = None,
) -> list[str]:
    """Return the problems of the log `links`, whose record of the head is `head`, or else the right one."""
    verifier = AuditVerifier(keys, expected_head=expected)
    for link in links:
        verifier.verify_entry(link)
    verifier.verify_end(head or _head(links))
    return verifier.problems


def _head(links: list[ChainedEntry]) -> AuditHead:
    return links[-1].head if links else EMPTY_LOG_HEAD


NAMES = st.lists(st.text("abc", max_size=2), min_size=1, max_size=6)


@st.composite
def attacks(draw: st.DrawFn, links: list[ChainedEntry]) -> list[ChainedEntry]:
    """Return `links` after edits, cuts, insertions and reorderings by somebody without the key.

    The attacker may number the entries again, and compute all hashes again.
    """
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
def test_with_a_key_every_change_is_found_except_a_cut_that_also_resets_the_recorded_head(
    data: st.DataObject, names: list[str]
) -> None:
    links = _keyed_log(names)
    assert _problems(links, KEYED) == []
    attacked = data.draw(attacks(links))
    head = data.draw(st.sampled_from([_head(links), _head(attacked)]))
    if attacked == links or (len(attacked) > 0 and attacked == links[: len(attacked)] and head == _head(attacked)):
        assert _problems(attacked, KEYED, _head(attacked)) == []
    else:
        assert _problems(attacked, KEYED, head)


@given(data=st.data(), names=NAMES, keyed=st.booleans())
def test_with_a_head_stored_elsewhere_every_change_before_it_is_found(
    data: st.DataObject, names: list[str], keyed: bool
) -> None:
    keys = KEYED if keyed else UNKEYED
    links = _keyed_log(names) if keyed else chained(map(_link, names))
    attacked = data.draw(attacks(links))
    if attacked[: len(links)] != links:
        assert _problems(attacked, keys, expected=_head(links))


@given(data=st.data(), names=NAMES)
def test_without_a_key_a_change_is_found_unless_the_hashes_are_computed_again(
    data: st.DataObject, names: list[str]
) -> None:
    links = chained(map(_link, names))
    at = data.draw(st.integers(0, len(links) - 1))
    edited = [*links[:at], links[at]._replace(entry_json=_link("eve").entry_json), *links[at + 1 :]]
    assert _problems(edited)
    assert _problems(links[:at], head=_head(links))
    assert _problems([*links[:at], *links[at + 1 :]], head=_head(links))


@given(names=NAMES, others=NAMES)
def test_without_a_key_a_log_with_new_hashes_looks_genuine(names: list[str], others: list[str]) -> None:
    assert _problems(chained(map(_link, names))) == _problems(chained(map(_link, others))) == []


def test_with_a_key_a_log_with_another_key_or_none_is_refused() -> None:
    for forged in (chained(map(_link, "ab")), chained(_keyed_log(["a"])), _keyed_log(["a"], FOREIGN)):
        assert _problems(forged, KEYED)
    assert "AUDIT_KEY" in _problems(_keyed_log(["a"]), UNKEYED)[0]


def _log_with_rotated_keys() -> tuple[AuditKeys, list[ChainedEntry]]:
    """Return a log that has no key at first, then the key OLD, then NEW; and both keys."""
    both, old = AuditKeys([NEW, OLD]), AuditKeys([OLD])
    links: list[ChainedEntry] = []
    for key, link in (
        ("", _link("a")),
        (old.current_id, _introduction(old)),
        (old.current_id, _link("b")),
        (both.current_id, _introduction(both, old.current_id)),
        (both.current_id, _link("c")),
    ):
        before, seq = _head(links).hash, len(links) + 1
        links.append(link._replace(seq=seq, key_id=key, hash=both.hash_entry(key, before, seq, link.entry_json)))
    return both, links


def test_a_new_key_protects_the_entries_before_it() -> None:
    both, links = _log_with_rotated_keys()
    assert _problems(links, both) == []
    assert _problems([links[0]._replace(entry_json=_link("eve").entry_json), *links[1:]], both)
    changed = chained([_link("eve")])
    assert _problems([*changed, *links[1:]], both)


def test_an_older_key_after_a_newer_one_or_at_the_end_is_found() -> None:
    both, links = _log_with_rotated_keys()
    assert any("newest AUDIT_KEY" in each for each in _problems(links[:3], both))
    for key, word in (("", "is not keyed"), (AuditKeys([OLD]).current_id, "has an older key")):
        link = _link("d")
        late = link._replace(seq=6, key_id=key, hash=both.hash_entry(key, links[-1].hash, 6, link.entry_json))
        assert any(word in each for each in _problems([*links, late], both))


def test_a_key_without_an_introduction_is_found() -> None:
    links = chained([_link("a")], KEYED)
    assert any("does not introduce it" in each for each in _problems(links, KEYED))


def test_an_unreadable_entry_is_reported() -> None:
    assert "can't be read" in _problems(chained([_link("a")._replace(entry_json="{")]))[0]


def test_a_printed_head_can_be_parsed() -> None:
    head = _head(_keyed_log(["a"]))
    assert AuditHead.parse(str(head))[:2] == head[:2]
    assert AuditHead.parse(str(EMPTY_LOG_HEAD)) == EMPTY_LOG_HEAD
    for bad in ("", "12", "12:", ":ab", "12:zz", "-1:" + "a" * 64, "1:" + "a" * 63, "0" * 20 + ":"):
        with pytest.raises(ValueError, match="head"):
            AuditHead.parse(bad)


def _check_start(
    keys: AuditKeys, links: list[ChainedEntry], head: AuditHead | None = None, *, requests: bool = True
) -> tuple[bool, str]:
    before = links[-2].hash if len(links) > 1 else ""
    return check_key_at_start(keys, head or _head(links), links[-1] if links else None, before, has_requests=requests)


def test_a_new_key_is_introduced_once() -> None:
    both, links = _log_with_rotated_keys()
    assert _check_start(KEYED, [], requests=False) == (True, "")
    assert _check_start(KEYED, links[:1]) == (True, "")
    assert _check_start(both, links[:3]) == (True, "")
    assert _check_start(both, links) == (False, "")
    assert _check_start(UNKEYED, links[:1]) == (False, "")


@pytest.mark.parametrize(
    ("keys", "at", "message"),
    [
        (UNKEYED, 5, "no key is set"),
        (FOREIGN, 5, "another key"),
        (AuditKeys([OLD]), 5, "another key"),
        (KEYED, 3, "another key"),
    ],
)
def test_a_process_without_the_key_of_the_log_may_not_start(keys: AuditKeys, at: int, message: str) -> None:
    is_new, refusal = _check_start(keys, _log_with_rotated_keys()[1][:at])
    assert not is_new
    assert message in refusal


def test_no_key_is_introduced_in_a_log_that_was_changed_or_deleted() -> None:
    both, links = _log_with_rotated_keys()
    assert "deleted" in _check_start(KEYED, [])[1]
    assert "deleted" not in _check_start(UNKEYED, [])[1]
    assert "was changed" in _check_start(KEYED, [links[0]._replace(entry_json="{}")])[1]
    assert "was changed" in _check_start(KEYED, [links[0]], AuditHead(0, ""))[1]
    assert "was changed" in _check_start(both, links[:4], links[4].head)[1]
    assert "missing" in check_key_at_start(KEYED, None, None, "", has_requests=True)[1]


def test_the_summary_has_the_length_of_the_log_or_the_first_problems() -> None:
    links = _keyed_log(["a"])
    whole = summarize_report(AuditReport(_head(links), 1, KEYED.current_id, 1, ()))
    assert whole.startswith(f"The audit log is whole: 2 entries, head {_head(links)}\n1 request equals its entries.\n")
    assert f"keyed from entry 1 on (key {KEYED.current_id})" in whole
    assert "not keyed" in summarize_report(AuditReport(EMPTY_LOG_HEAD, 0, "", None, ()))
    broken = summarize_report(AuditReport(EMPTY_LOG_HEAD, 0, "", None, tuple(f"Problem {n}." for n in range(8))))
    assert "Problem 4." in broken
    assert "Problem 5." not in broken
    assert "and 3 more" in broken


def test_a_key_id_reveals_nothing_about_the_key() -> None:
    assert NEW.get_secret_value() not in repr(KEYED)
    assert KEYED.current_id not in json.dumps(NEW.get_secret_value())
    assert AuditKeys([NEW, OLD]).current_id == KEYED.current_id != AuditKeys([OLD, NEW]).current_id
