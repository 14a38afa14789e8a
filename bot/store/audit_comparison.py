"""Compare stored requests with their entries in the audit log."""

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
    """Check that `request` matches the audit log, in the transaction that claims it.

    `row` is the row that it was read from. Reads the log from the request's first entry to the end: the request's own
    entries alone would not show what was removed, inserted or filed under another request.

    Raises:
        RequestDiffersFromLog: it does not match, or the log was changed after the request was made.
    """
    try:
        if difference := _find_column_difference(row, request):
            raise RequestDiffersFromLog(difference, was_claimed=request.last_claim is not None)
        verifier = await _verify_since_request(connection, request.id, keys)
        require_match_with_log(request, verifier, row["salt"], keys)
    except RequestDiffersFromLog as error:
        log.error("request differs from the audit log", request=request.id, problem=error.problem)
        raise


async def compare_requests(connection: AsyncConnection, verifier: AuditVerifier, keys: AuditKeys) -> int:
    """Compare every request with the entries that `verifier` has read, and return the number of requests.

    Adds what it finds to the problems of `verifier`.
    """
    count, missing = 0, set(verifier.entries_by_request)
    async with connection.stream(select(requests).order_by(requests.c.asked_at, requests.c.id)) as rows:
        async for row in rows.mappings():
            count += 1
            missing.discard(row["id"])
            if problem := _find_problem(row, verifier, keys):
                verifier.problems.append(f"Request {row['id']!a} differs from its entries: {problem}.")
    verifier.problems += [f"Request {name!a} has entries, and is gone." for name in sorted(missing)]
    return count


async def _verify_since_request(connection: AsyncConnection, request_id: str, keys: AuditKeys) -> AuditVerifier:
    head = await read_head(connection)  # before the entries: others may append meanwhile
    found = await connection.execute(
        select(func.min(audit_entries.c.seq)).where(audit_entries.c.request_id == request_id)
    )
    first: int | None = found.scalar_one()
    if first is None:
        return AuditVerifier(keys)
    verifier = AuditVerifier(keys, previous_head=await _read_head_before(connection, first))
    async for link in read_entries(connection, first):
        if head is None or link.seq <= head.seq:
            verifier.verify_entry(link)
    verifier.verify_end(head)
    return verifier


async def _read_head_before(connection: AsyncConnection, seq: int) -> AuditHead:
    before = select(audit_entries.c.seq, audit_entries.c.hash, audit_entries.c.key_id).where(
        audit_entries.c.seq == seq - 1
    )
    row = (await connection.execute(before)).one_or_none()
    return AuditHead(*row) if row else EMPTY_LOG_HEAD


def _find_problem(row: RowMapping, verifier: AuditVerifier, keys: AuditKeys) -> str:
    try:
        request = Request.model_validate_json(row["body"])
    except ValidationError:
        return "it can't be read, another version wrote it or it was changed"
    if difference := _find_column_difference(row, request):
        return difference
    return find_difference(request, verifier.entries_by_request.get(request.id, ()), row["salt"], keys)


def _find_column_difference(row: RowMapping, request: Request) -> str:
    same = (row["id"], row["version"], row["state"]) == (request.id, request.version, request.state.value)
    return "" if same else "its row is marked with another state, version or id"
