"""Comparing stored requests with their entries in the audit log."""

import structlog
from pydantic import ValidationError
from sqlalchemy import RowMapping, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.audit.entries import EMPTY_LOG_HEAD, AuditHead
from bot.domain.audit.keys import AuditKeys
from bot.domain.audit.verification import AuditVerifier
from bot.domain.audit_errors import RequestDiffersFromLog
from bot.domain.requests.log_comparison import find_difference, require_match_with_log
from bot.domain.requests.request import Request
from bot.store.audit_rows import read_entries, read_head
from bot.store.tables import audit_entries, requests

log = structlog.get_logger(__name__)


async def require_unaltered(connection: AsyncConnection, row: RowMapping, request: Request, keys: AuditKeys) -> None:
    """Let `request` pass where it is what the audit log says of it, in the transaction that claims it.

    `row` is the row that it was read from. Reads the log from where the request was asked to its end: what was cut out,
    put in or filed elsewhere since would be missed by looking at its own entries alone.

    Raises:
        RequestMismatch: it is not, or the log was changed since it was asked.
    """
    try:
        if other := _other_columns(row, request):
            raise RequestDiffersFromLog(other, was_claimed=request.last_claim is not None)
        check = await _since_asked(connection, request.id, keys)
        require_match_with_log(request, check, row["salt"], keys)
    except RequestDiffersFromLog as error:
        log.error("request differs from the audit log", request=request.id, problem=error.problem)
        raise


async def compare_requests(connection: AsyncConnection, check: AuditVerifier, keys: AuditKeys) -> int:
    """Compare every request with the entries that `check` has read, whose problems are added to; how many there are."""
    count, gone = 0, set(check.entries_by_request)
    async with connection.stream(select(requests).order_by(requests.c.asked_at, requests.c.id)) as rows:
        async for row in rows.mappings():
            count += 1
            gone.discard(row["id"])
            if problem := _problem(row, check, keys):
                check.problems.append(f"Request {row['id']!a} differs from its entries: {problem}.")
    check.problems += [f"Request {name!a} has entries, and is gone." for name in sorted(gone)]
    return count


async def _since_asked(connection: AsyncConnection, request_id: str, keys: AuditKeys) -> AuditVerifier:
    head = await read_head(connection)  # before the entries: others may append meanwhile
    found = await connection.execute(
        select(func.min(audit_entries.c.seq)).where(audit_entries.c.request_id == request_id)
    )
    first: int | None = found.scalar_one()
    if first is None:
        return AuditVerifier(keys)
    check = AuditVerifier(keys, previous_head=await _end_before(connection, first))
    async for link in read_entries(connection, first):
        if head is None or link.seq <= head.seq:
            check.verify_entry(link)
    check.verify_end(head)
    return check


async def _end_before(connection: AsyncConnection, seq: int) -> AuditHead:
    before = select(audit_entries.c.seq, audit_entries.c.hash, audit_entries.c.key_id).where(
        audit_entries.c.seq == seq - 1
    )
    row = (await connection.execute(before)).one_or_none()
    return AuditHead(*row) if row else EMPTY_LOG_HEAD


def _problem(row: RowMapping, check: AuditVerifier, keys: AuditKeys) -> str:
    try:
        request = Request.model_validate_json(row["body"])
    except ValidationError:
        return "it can't be read, another version wrote it or it was changed"
    if other := _other_columns(row, request):
        return other
    return find_difference(request, check.entries_by_request.get(request.id, ()), row["salt"], keys)


def _other_columns(row: RowMapping, request: Request) -> str:
    same = (row["id"], row["version"], row["state"]) == (request.id, request.version, request.state.value)
    return "" if same else "its row is marked with another state, version or id"
