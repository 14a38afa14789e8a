"""Building calls and parsing responses, without I/O."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.domain import segment_errors as s
from bot.segment import mapping
from bot.segment import models as m
from bot.segment import protocol as p
from bot.segment.catalog import load_catalog
from bot.segment.rate_limits import RateLimitStatus

ENVELOPE = {"errors": [{"type": "input-validation", "message": '"port" must be a number', "field": "settings.port"}]}
EVERY_CALL: list[p.ApiCall] = [  # type: ignore[type-arg]  # calls with any data type
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
    p.get_warehouse_type("m"),
    p.validate_connection("m", {}),
    p.list_audit_events({"resourceId": "w"}),
]


@pytest.mark.parametrize("call", EVERY_CALL, ids=lambda call: call.operation)
def test_media_types_are_those_of_the_contract(call: p.ApiCall) -> None:  # type: ignore[type-arg]  # the same
    alpha = "profiles-warehouses" in call.path or call.path.startswith("/spaces")
    assert call.headers["Accept"] == f"application/vnd.segment.v1{'alpha' if alpha else ''}+json"
    has_body = call.method in {"POST", "PATCH"}
    media = "application/json" if call.operation.startswith("createValidation") else p._ALPHA
    assert call.headers.get("Content-Type") == (media if has_body else None)
    assert (call.content is not None) is has_body


def test_pagination_parameters_have_the_dotted_spelling() -> None:
    assert p.list_spaces().query == {"pagination.count": "200"}
    assert p.list_spaces("Mg==").query == {"pagination.count": "200", "pagination.cursor": "Mg=="}


def test_an_update_sends_settings_and_enabled_and_no_absent_fields() -> None:
    call = p.update_warehouse("s", "w", settings={}, enabled=False, name=None, schema_name=None)
    assert json.loads(call.content or b"") == {"settings": {}, "enabled": False}


@given(st.text(min_size=1, max_size=255).filter(lambda text: text not in {".", ".."}))
def test_an_id_stays_one_part_of_the_path(name: str) -> None:
    try:
        call = p.get_space(name)
    except UnicodeEncodeError:  # a lone surrogate can't be encoded
        return
    assert call.path.count("/") == 2
    assert unquote(call.path.split("/")[2]) == name
    assert call.path.isascii()


def test_a_secret_is_only_in_the_sent_bytes() -> None:
    settings: dict[str, Any] = {
        "password": SecretStr("hunter2"),
        "nested": MappingProxyType({"keys": [SecretStr("hunter3")]}),
        "plain": "hunter4",
    }
    call = p.create_warehouse(
        "s",
        metadata_id="m",
        settings=settings,
        name="n",
        schema_name="x",
        enabled=True,
    )
    for secret in ("hunter2", "hunter3", "hunter4"):
        assert secret.encode() in (call.content or b"")
        assert secret not in repr(call)
    assert "hunter2" not in str(call.body)


@pytest.mark.parametrize("status", [200, 201])
def test_unknown_fields_and_values_are_accepted(status: int) -> None:
    body = {"data": {"status": "SOMETHING_NEW", "novel": {"a": [1]}}, "meta": 1}
    response = p.parse_response(p.delete_warehouse("s", "w"), status, {}, json.dumps(body).encode())
    assert response.data.status == "SOMETHING_NEW"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, s.BadRequest),
        (401, s.Unauthorized),
        (403, s.Forbidden),
        (404, s.ResourceMissing),
        (409, s.Conflict),
        (413, s.TooLarge),
        (418, s.BadRequest),
        (422, s.Invalid),
        (429, s.RateLimited),
        (500, s.ServerFailed),
        (503, s.ServerFailed),
        (302, s.UnexpectedResponse),
        (204, s.UnexpectedResponse),
    ],
)
def test_each_status_has_its_error(status: int, error: type[s.SegmentError]) -> None:
    with pytest.raises(error) as caught:
        p.parse_response(p.list_spaces(), status, {}, json.dumps(ENVELOPE).encode())
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
def test_a_response_that_violates_the_contract_is_an_error(body: bytes) -> None:
    with pytest.raises(s.UnexpectedResponse):
        p.parse_response(p.list_spaces(), 200, {}, body)


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
def test_retry_after_is_parsed(headers: dict[str, str], seconds: float | None) -> None:
    with pytest.raises(s.RateLimited) as caught:
        p.parse_response(p.list_spaces(), 429, headers, b"{}")
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("points", "seconds"),
    [
        ({"msBeforeNext": 57_647}, 57.647),
        ({"msBeforeNext": 0}, 0.0),
        ({"msBeforeNext": -1}, None),
        ({"msBeforeNext": 1e300}, None),
        ({"msBeforeNext": "soon"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_wait_is_read_from_the_body_if_there_is_no_header(points: object, seconds: float | None) -> None:
    body = json.dumps({"errors": ["not an object", {"type": "RequestError", "data": points}]}).encode()
    with pytest.raises(s.RateLimited) as caught:
        p.parse_response(p.list_spaces(), 429, {}, body)
    assert caught.value.retry_after == seconds
    with pytest.raises(s.RateLimited) as caught:
        p.parse_response(p.list_spaces(), 429, {"retry-after": "3"}, body)
    assert caught.value.retry_after == 3


def test_a_body_that_is_not_json_raises_a_type_error() -> None:
    call = p.update_warehouse("s", "w", settings={"a": object()}, enabled=True, name=None, schema_name=None)  # type: ignore[dict-item]
    with pytest.raises(TypeError):
        _ = call.content


def test_a_response_has_its_rate_limit_and_next_cursor() -> None:
    body = b'{"data": {"spaces": [], "pagination": {"current": "MA==", "next": "MQ=="}}}'
    reset = "Thu, 20 Aug 2026 16:00:23 GMT"
    headers = {"x-ratelimit-consumed": "1", "x-ratelimit-remaining": "19", "x-ratelimit-reset": reset}
    response = p.parse_response(p.list_spaces(), 200, headers, body)
    assert response.rate_limit == RateLimitStatus(1, 19, datetime(2026, 8, 20, 16, 0, 23, tzinfo=UTC))
    assert response.next_cursor == "MQ=="


@pytest.mark.parametrize("pagination", ["{}", "null", '{"next": null, "previous": null}', '{"next": ""}'])
def test_the_last_page_has_no_next_cursor(pagination: str) -> None:
    response = p.parse_response(
        p.list_spaces(), 200, {}, f'{{"data": {{"spaces": [], "pagination": {pagination}}}}}'.encode()
    )
    assert response.next_cursor is None
    assert response.rate_limit == RateLimitStatus()


def test_an_unreadable_error_does_not_affect_the_others() -> None:
    body = {"errors": [7, {"message": None, "field": ["settings"]}, {"type": "t", "message": "port", "field": "port"}]}
    with pytest.raises(s.Invalid) as caught:
        p.parse_response(p.list_spaces(), 422, {}, json.dumps(body).encode())
    assert caught.value.errors == (s.FieldError("", ""), s.FieldError("t", "port", "port"))
    assert caught.value.detail == "port"


def test_error_messages_are_cut() -> None:
    body = {"errors": [{"type": "t" * 1000, "message": "m" * 10_000, "field": "f" * 1000}] * 100}
    with pytest.raises(s.Invalid) as caught:
        p.parse_response(p.list_spaces(), 422, {}, json.dumps(body).encode())
    assert len(caught.value.errors) == 20
    assert len(caught.value.errors[0].message) == 500


WORDS = ["data", "errors", "spaces", "pagination", "next", "message", "msBeforeNext", "status", "x"]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(WORDS), inner),
)


DATES = st.from_regex(
    r"[A-Z][a-z]{2}, [0-9]{1,9} Aug [0-9]{1,9} [0-9]{1,3}:[0-9]{1,3}:[0-9]{1,3} ([+-][0-9]{1,30}|GMT)"
)
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "date", "x-ratelimit-consumed", "x-ratelimit-remaining", "x-ratelimit-reset"]),
    DATES | st.text() | st.integers().map(str),
)


@given(
    st.sampled_from(EVERY_CALL),
    st.sampled_from([200, 201, 429]) | st.integers(100, 599),
    HEADERS,
    st.binary() | JSON.map(lambda value: json.dumps(value).encode()),
)
@example(p.list_spaces(), 429, {"retry-after": "Thu, 20 Aug 2026 16:00:23 +9999999999999999999", "date": ""}, b"")
@example(p.list_spaces(), 200, {"x-ratelimit-reset": "Thu, 20 Aug 99999 16:00:23 GMT"}, b'{"data": {"spaces": []}}')
def test_any_response_is_parsed_or_raises_a_segment_error(
    call: p.ApiCall,  # type: ignore[type-arg]  # the same
    status: int,
    headers: dict[str, str],
    body: bytes,
) -> None:
    with suppress(s.SegmentError):
        assert isinstance(p.parse_response(call, status, headers, body).data, call.data_type)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 418, 422, 429, 500])
def test_every_error_message_has_the_status_and_is_a_sentence(status: int) -> None:
    with pytest.raises(s.SegmentError) as caught:
        p.parse_response(p.list_spaces(), status, {}, b"")
    assert str(status) in caught.value.user_message
    assert caught.value.user_message.endswith(".")


def test_invisible_characters_are_removed_before_secrets_are_detected() -> None:
    body = {"errors": [{"type": "t", "message": "no\u202e AKIA\u200bIOSFODNN7EXAMPLE\x1b[31m\nApproved."}]}
    with pytest.raises(s.Invalid) as caught:
        p.parse_response(p.list_spaces(), 422, {}, json.dumps(body).encode())
    assert caught.value.detail == "no •••[31m Approved."


def test_names_of_spaces_and_types_fit_menus_and_forms() -> None:
    for name in ("x" * 10_000, "\u202e\n", ""):
        space = mapping.map_space(m.WireSpace(id="s1", slug=name, name=name))
        novel = mapping.map_warehouse_type(m.WireWarehouseType(id="t1", slug=name, name=name), load_catalog())
        for shown in (space.slug, space.name, novel.slug, novel.name):
            assert 1 <= len(shown) <= 100
