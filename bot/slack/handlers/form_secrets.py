"""One-time secrets in open forms: which a form has received, which are typed into it, and which are erased."""

from collections.abc import Collection, Mapping

from bot.domain.actors import Actor
from bot.domain.errors import BotError, InvalidSecretValue
from bot.domain.policy import check_membership
from bot.domain.warehouses import SecretRef, WarehouseType
from bot.render.block_ids import typed_secret_block_id
from bot.render.form_answers import read_typed_secrets
from bot.render.form_errors import FormErrors
from bot.render.forms import View, replace_blocks
from bot.render.secret_fields import SecretInputOptions, mark_erased, mark_received, read_received_keys
from bot.services.access_control import AccessControl
from bot.services.connection_tests import ConnectionTester
from bot.services.inventory import Inventory
from bot.services.one_time_secrets import OneTimeSecrets
from bot.slack.handlers.form_fields import build_field_key, find_form_type, label_setting, parse_setting_key
from bot.slack.messenger import Interaction


class FormSecrets:
    """Tracks the one-time secrets of open forms, by the id of the modal."""

    def __init__(
        self,
        inventory: Inventory,
        connection_tester: ConnectionTester,
        one_time_secrets: OneTimeSecrets,
        access: AccessControl,
    ) -> None:
        self._inventory = inventory
        self._connection_tester = connection_tester
        self._one_time_secrets = one_time_secrets
        self._access = access

    async def get_input_options(self, interaction: Interaction) -> SecretInputOptions:
        """Return the ways in which the person can enter a secret. Raises NotAllowed."""
        actor = await self._access.require_permission(
            check_membership, interaction.user_id, interaction.team_id, "choose secrets"
        )
        names = await self.list_usable_names(actor)
        return SecretInputOptions(
            names, self._one_time_secrets.has_secret_page, self._one_time_secrets.can_type_secrets
        )

    async def list_usable_names(self, actor: Actor) -> tuple[str, ...]:
        """List the names of the stored secrets that `actor` may use."""
        return await self._connection_tester.list_usable_secrets(actor)

    async def collect(self, actor: Actor, view: View, warehouse_type: WarehouseType) -> Mapping[str, SecretRef]:
        """Return the one-time secrets of `actor` for the form `view`, by setting key; store those typed into it.

        Raises:
            FormErrors: a typed value can't be a secret, or a secret that the form shows as received is erased.
        """
        form_id = str(view["id"])
        typed_values = read_typed_secrets(view, warehouse_type) if self._one_time_secrets.can_type_secrets else {}
        for key, value in typed_values.items():
            field_key, label = build_field_key(warehouse_type, key), label_setting(warehouse_type, key)
            try:
                await self._one_time_secrets.save_typed_value(actor, form_id, field_key, label, value)
            except InvalidSecretValue as error:
                raise FormErrors({typed_secret_block_id(warehouse_type, key): error.user_message}) from error
        received = await self._list_received(actor, form_id, warehouse_type, typed_values)
        if read_received_keys(view) - received.keys():
            raise FormErrors({}, "What was entered on the one-time page is erased.")
        return received

    async def mark_received(
        self, interaction: Interaction, form_id: str, view: View, warehouse_type: WarehouseType
    ) -> View:
        """Return `view` with a mark at each setting whose secret the form `form_id` received on a one-time page."""
        received = await self._list_received(await self._get_actor(interaction), form_id, warehouse_type)
        labels = {key: label_setting(warehouse_type, key) for key in received}
        return replace_blocks(view, mark_received(view, labels))

    async def mark_erased(self, interaction: Interaction, view: View) -> View:
        """Return the form with a mark at each received secret that is erased by now; `view` itself if none is."""
        keys, warehouse_type = read_received_keys(view), find_form_type(self._inventory, view)
        if not keys or warehouse_type is None:
            return view
        try:
            received = await self._list_received(await self._get_actor(interaction), str(view["id"]), warehouse_type)
        except BotError:
            return view
        erased = keys - received.keys()
        return {**view, "blocks": mark_erased(view, sorted(erased))} if erased else view

    async def _list_received(
        self, actor: Actor, form_id: str, warehouse_type: WarehouseType, typed_keys: Collection[str] = ()
    ) -> Mapping[str, SecretRef]:
        # A value that was typed before, and is not typed any more, is withdrawn.
        refs = await self._one_time_secrets.find_received_refs(actor, form_id)
        own_refs = {
            parse_setting_key(field_key): ref
            for field_key, ref in refs.items()
            if field_key == build_field_key(warehouse_type, parse_setting_key(field_key))
        }
        return {key: ref for key, ref in own_refs.items() if ref.one_time_source == "page" or key in typed_keys}

    async def _get_actor(self, interaction: Interaction) -> Actor:
        return await self._access.get_actor(interaction.user_id, interaction.team_id)
