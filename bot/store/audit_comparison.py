"""Comparing stored requests with their entries in the audit log."""

import structlog
from pydantic import ValidationError
from sqlalchemy import RowMapping, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.audit.entries import NOTHING, Head
from bot.domain.audit.keys import AuditKeys
from bot.domain.audit.verification import LogCheck
from bot.domain.audit_errors import RequestMismatch
from bot.domain.requests.audit_entries import demand_logged, difference
from bot.domain.requests.request import Request
from bot.store.audit_rows import read_head, read_links
from bot.store.tables import audit, requests

log = structlog.get_logger(__name__)


async def demand_equal(connection: AsyncConnection, row: RowMapping, request: Request, keys: AuditKeys) -> None:
    """Let `request` pass where it is what the audit log says of it, in the transaction that claims it.

    `row` is the row that it was read from. Reads the log from where the request was asked to its end: what was cut out,
    put in or filed elsewhere since would be missed by looking at its own entries alone.

    Raises:
        RequestMismatch: it is not, or the log was changed since it was asked.
    """
    try:
        if other := _other_columns(row, request):
            raise RequestMismatch(other, claimed=request.claim is not None)
        check = await _since_asked(connection, request.id, keys)
        demand_logged(request, check, row["salt"], keys)
    except RequestMismatch as error:
        log.error("request differs from the audit log", request=request.id, problem=error.problem)
        raise


async def check_requests(connection: AsyncConnection, check: LogCheck, keys: AuditKeys) -> int:
    """Compare every request with the entries that `check` has read, whose problems are added to; how many there are."""
    count, gone = 0, set(check.transitions)
    async with connection.stream(select(requests).order_by(requests.c.asked_at, requests.c.id)) as rows:
        async for row in rows.mappings():
            count += 1
            gone.discard(row["id"])
            if problem := _problem(row, check, keys):
                check.problems.append(f"Request {row['id']!a} differs from its entries: {problem}.")
    check.problems += [f"Request {name!a} has entries, and is gone." for name in sorted(gone)]
    return count


async def _since_asked(connection: AsyncConnection, request_id: str, keys: AuditKeys) -> LogCheck:
    head = await read_head(connection)  # before the entries: others may append meanwhile
    found = await connection.execute(select(func.min(audit.c.seq)).where(audit.c.request_id == request_id))
    first: int | None = found.scalar_one()
    if first is None:
        return LogCheck(keys)
    check = LogCheck(keys, after=await _end_before(connection, first))
    async for link in read_links(connection, first):
        if head is None or link.seq <= head.seq:
            check.add(link)
    check.close(head)
    return check


async def _end_before(connection: AsyncConnection, seq: int) -> Head:
    before = select(audit.c.seq, audit.c.hash, audit.c.key_id).where(audit.c.seq == seq - 1)
    row = (await connection.execute(before)).one_or_none()
    return Head(*row) if row else NOTHING


def _problem(row: RowMapping, check: LogCheck, keys: AuditKeys) -> str:
    try:
        request = Request.model_validate_json(row["body"])
    except ValidationError:
        return "it can't be read, another version wrote it or it was changed"
    if other := _other_columns(row, request):
        return other
    return difference(request, check.transitions.get(request.id, ()), row["salt"], keys)


def _other_columns(row: RowMapping, request: Request) -> str:
    same = (row["id"], row["version"], row["state"]) == (request.id, request.version, request.state.value)
    return "" if same else "its row is marked with another state, version or id"
