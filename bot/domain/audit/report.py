"""The report of a full verification, as `warehouse-bot audit verify` prints it."""

from typing import NamedTuple

from bot.domain.audit.entries import AuditHead


class AuditReport(NamedTuple):
    """The result of a verification of the whole log and of all requests.

    Attributes:
        head: The head of the log.
        request_count: How many requests were compared with their entries.
        key_id: The id of the newest key; empty if there is none.
        first_keyed_seq: The number of the first entry with that key; None if there is none.
        problems: One sentence for each problem.
    """

    head: AuditHead
    request_count: int
    key_id: str
    first_keyed_seq: int | None
    problems: tuple[str, ...]


def summarize_report(report: AuditReport, max_problems: int = 5) -> str:
    """Return `report` as text for the person who runs the command, with the first problems."""
    problems = report.problems
    length = f"{_format_count(report.head.seq, 'entry', 'entries')}, head {report.head}"
    if problems:
        more = [f"and {len(problems) - max_problems} more"] if len(problems) > max_problems else []
        lines = "\n".join(f"  {each}" for each in (*problems[:max_problems], *more))
        size = f"It has {length}\n{_describe_key(report)}"
        return f"The audit log is not whole, or differs from the requests:\n{lines}\n{size}\nSee docs/audit.md."
    whole = f"The audit log is whole: {length}"
    requests = f"{_format_count(report.request_count, 'request equals its', 'requests equal their')} entries."
    return f"{whole}\n{requests}\n{_describe_key(report)}"


def _describe_key(report: AuditReport) -> str:
    if report.first_keyed_seq is None:
        return "It is not keyed: who can write to the database can rewrite it unseen (docs/audit.md)."
    return f"It is keyed from entry {report.first_keyed_seq} on (key {report.key_id})."


def _format_count(number: int, singular: str, plural: str) -> str:
    return f"{number} {singular if number == 1 else plural}"
