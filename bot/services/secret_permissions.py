"""Check the rules for secrets once more, right before a request sends what it names."""

from bot.domain.actors import Actor, ActorKind
from bot.domain.errors import NotAllowed, quote_code
from bot.domain.policy import Policy
from bot.domain.requests.request import Request
from bot.domain.secret_rules import destination_of, may_send_secret, may_use_secret, provider_secret_names, secrets_of
from bot.services.ports import Directory


class SecretPermissions:
    """Applies the policy in force to the secrets of requests that were made under an earlier one."""

    def __init__(self, policy: Policy, directory: Directory) -> None:
        self._policy = policy
        self._directory = directory

    async def recheck_request(self, request: Request) -> None:
        """Do nothing where the requester may still send every secret of `request` to where it would go.

        Where Slack can't say now who the requester is, what was found when they asked still holds for the person; the
        host and the warehouse are checked in any case.

        Raises:
            NotAllowed: they may not. The sentence is for everybody who sees the request.
        """
        names = provider_secret_names(secrets_of(request.change))
        if not names or self._policy.secrets is None:
            return
        to = destination_of(request.change)
        for name in names:
            if not (verdict := may_send_secret(self._policy, name, to)).is_allowed:
                raise NotAllowed(verdict.reason)
        requester = await self._requester(request)
        if requester.kind is ActorKind.UNKNOWN:
            return
        for name in names:
            if not may_use_secret(requester, name, self._policy).is_allowed:
                raise NotAllowed(
                    f"The policy does not let the requester use the secret {quote_code(name)} any more. "
                    "It was not sent to Segment."
                )

    async def _requester(self, request: Request) -> Actor:
        users = frozenset[str]().union(*(rule.users for rule in (self._policy.secrets or {}).values()))
        groups = frozenset(name for name in users if name.startswith("S"))
        return (await self._directory.fetch_actors(frozenset({request.asked_by}), groups))[request.asked_by]
