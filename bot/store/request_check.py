"""Comparing stored requests with their entries in the audit log."""

from pydantic import ValidationError
from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.audit_check import LogCheck
from bot.domain.audit_keys import AuditKeys
from bot.domain.request_entries import difference
from bot.domain.requests import Request
from bot.store.tables import requests


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
