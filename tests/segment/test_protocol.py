"""Segment's HTTP without a socket: what a call looks like, and what its answer is taken for."""

import json
from contextlib import suppress
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.domain import errors as e
from bot.segment import protocol as p

ENVELOPE = {"errors": [{"type": "input-validation", "message": '"port" must be a number', "field": "settings.port"}]}
EVERY_CALL: list[p.Call] = [  # type: ignore[type-arg]  # calls of every answer
    p.get_workspace(),
    p.list_spaces("MA=="),
    p.get_space("s"),
    p.list_warehouses("s", "MQ=="),
    p.create_warehouse("s", metadata_id="m", settings={}, name="n", schema_name=None, enabled=True),
    p.update_warehouse("s", "w", settings={}, enabled=True, name=None, schema_name=None),
    p.delete_warehouse("s", "w"),
    p.list_selective_syncs("s", "w"),
    p.update_selective_syncs("s", "w", [{"collection": "tracks", "enabled": False}], event_tables=True),
    p.list_catalog(),
    p.get_type("m"),
    p.validate("m", {}),
    p.list_audit_events({"resourceId": "w"}),
]


@pytest.mark.parametrize("call", EVERY_CALL, ids=lambda call: call.operation)
def test_media_types_are_those_of_the_contract(call: p.Call) -> None:  # type: ignore[type-arg]  # the same
    alpha = "profiles-warehouses" in call.path or call.path.startswith("/spaces")
    assert call.headers["Accept"] == f"application/vnd.segment.v1{'alpha' if alpha else ''}+json"
    has_body = call.method in {"POST", "PATCH"}
    media = "application/json" if call.operation.startswith("createValidation") else p._ALPHA
    assert call.headers.get("Content-Type") == (media if has_body else None)
    assert (call.content is not None) is has_body


def test_pages_are_asked_for_in_the_dotted_spelling() -> None:
    assert p.list_spaces().query == {"pagination.count": "200"}
    assert p.list_spaces("Mg==").query == {"pagination.count": "200", "pagination.cursor": "Mg=="}


def test_an_update_always_sends_settings_and_enabled_and_nothing_that_was_not_given() -> None:
    call = p.update_warehouse("s", "w", settings={}, enabled=False, name=None, schema_name=None)
    assert json.loads(call.content or b"") == {"settings": {}, "enabled": False}


@given(st.text(min_size=1))
def test_an_id_stays_one_part_of_the_path(name: str) -> None:
    try:
        call = p.get_space(name)
    except UnicodeEncodeError:  # a lone surrogate is no text
        return
    assert call.path.count("/") == 2
    assert unquote(call.path.split("/")[2]) == name
    assert call.path.isascii()


def test_a_secret_is_in_the_bytes_that_are_sent_and_nowhere_else() -> None:
    call = p.create_warehouse(
        "s", metadata_id="m", settings={"password": SecretStr("hunter2")}, name="n", schema_name="x", enabled=True
    )
    assert b"hunter2" in (call.content or b"")
    assert "hunter2" not in repr(call)
    assert "hunter2" not in str(call.body)


@pytest.mark.parametrize("status", [200, 201])
def test_an_answer_is_read_with_fields_and_words_that_nobody_knows(status: int) -> None:
    body = {"data": {"status": "SOMETHING_NEW", "novel": {"a": [1]}}, "meta": 1}
    answer = p.decipher(p.delete_warehouse("s", "w"), status, {}, json.dumps(body).encode())
    assert answer.status == "SOMETHING_NEW"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, e.BadRequest),
        (401, e.Unauthorized),
        (403, e.Forbidden),
        (404, e.ResourceMissing),
        (409, e.Conflict),
        (413, e.TooLarge),
        (418, e.BadRequest),
        (422, e.Invalid),
        (429, e.RateLimited),
        (500, e.ServerFailed),
        (503, e.ServerFailed),
        (302, e.OffContract),
        (204, e.OffContract),
    ],
)
def test_each_status_has_its_error(status: int, error: type[e.SegmentError]) -> None:
    with pytest.raises(error) as caught:
        p.decipher(p.list_spaces(), status, {}, json.dumps(ENVELOPE).encode())
    assert caught.value.status == status
    assert caught.value.operation == "listSpaces"
    if status >= 400:
        assert caught.value.errors[0].field == "settings.port"
        assert '"port" must be a number' in caught.value.detail


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b'{"data": null}',
        b'{"data": {}}',
        b'{"data": {"spaces": {}}}',
        b'{"data": {"spaces": [{"id": 1}]}}',
        b'{"data": {"spaces": []}, "errors": []}',
        b"\xff\xfe",
    ],
)
def test_what_is_not_the_contracts_is_said_so(body: bytes) -> None:
    with pytest.raises(e.OffContract):
        p.decipher(p.list_spaces(), 200, {}, body)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": " 0 "}, 0.0),
        ({}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        (
            {"retry-after": "Thu, 20 Aug 2026 16:00:23 GMT", "date": "Thu, 20 Aug 2026 16:00:13 GMT"},
            10.0,
        ),
    ],
)
def test_how_long_segment_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    with pytest.raises(e.RateLimited) as caught:
        p.decipher(p.list_spaces(), 429, headers, b"{}")
    assert caught.value.retry_after == seconds


def test_segments_words_are_cut_to_size() -> None:
    body = {"errors": [{"type": "t" * 1000, "message": "m" * 10_000, "field": "f" * 1000}] * 100}
    with pytest.raises(e.Invalid) as caught:
        p.decipher(p.list_spaces(), 422, {}, json.dumps(body).encode())
    assert len(caught.value.errors) == 20
    assert len(caught.value.errors[0].message) == 500


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["data", "errors", "spaces", "pagination", "x"]), inner)
    ),
)


@given(
    st.sampled_from(EVERY_CALL), st.integers(100, 599), st.binary() | JSON.map(lambda value: json.dumps(value).encode())
)
def test_any_answer_is_data_or_one_of_our_errors(call: p.Call, status: int, body: bytes) -> None:  # type: ignore[type-arg]  # the same
    with suppress(e.SegmentError):
        assert isinstance(p.decipher(call, status, {"retry-after": "x"}, body), call.answer)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 418, 422, 429, 500])
def test_every_error_says_what_to_do(status: int) -> None:
    with pytest.raises(e.SegmentError) as caught:
        p.decipher(p.list_spaces(), status, {}, b"")
    assert str(status) in caught.value.says
    assert caught.value.says.endswith(".")
