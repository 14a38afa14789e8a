"""Read a submitted form as the change that it asks for."""

from bot.domain.changes.change import Change
from bot.domain.policy import check_membership
from bot.render.form_answers import read_answers, read_chosen_space, read_creation, read_update
from bot.render.form_errors import FormErrors
from bot.render.forms import View, read_form_context
from bot.services.access_control import AccessControl
from bot.services.inventory import Inventory
from bot.slack.handlers.form_fields import find_form_type
from bot.slack.handlers.form_secrets import FormSecrets
from bot.slack.messenger import Interaction


class FormReader:
    """Reads the forms that members of the workspace submit."""

    def __init__(self, inventory: Inventory, form_secrets: FormSecrets, access: AccessControl) -> None:
        self._inventory = inventory
        self._form_secrets = form_secrets
        self._access = access

    async def read_change(self, interaction: Interaction, view: View) -> Change:
        """Return the change, and store the secrets typed into the form.

        Raises:
            FormErrors: an answer is missing or invalid.
            NotAllowed: the person is not a member; the attempt is in the audit log.
            BotError: secrets or one-time secrets can't be read.
        """
        answers, warehouse_type = read_answers(view), find_form_type(self._inventory, view)
        actor = await self._access.require_permission(
            check_membership, interaction.user_id, interaction.team_id, "submit form"
        )
        if warehouse_type is None:
            raise FormErrors({"type": "Choose a type."})
        if "name" not in answers.labels:
            raise FormErrors({"type": "Its settings did not appear. Choose the type again."})
        secret_names = await self._form_secrets.list_usable_names(actor)
        one_time_secrets = await self._form_secrets.collect(actor, view, warehouse_type)
        if target := read_form_context(view).target:
            return read_update(answers, target, warehouse_type, secret_names, one_time_secrets)
        if (space := read_chosen_space(view)) is None:
            raise FormErrors({"space": "Choose a space."})
        return read_creation(answers, space, warehouse_type, secret_names, one_time_secrets)
