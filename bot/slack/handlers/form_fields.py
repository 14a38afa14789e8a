"""The fields of a warehouse form: the type that the form is about, and the keys and labels of its settings."""

from bot.domain.warehouses import WarehouseType
from bot.render.form_answers import read_chosen_type
from bot.render.forms import View, read_form_context
from bot.render.secret_fields import field_label
from bot.services.inventory import Inventory


def find_form_type(inventory: Inventory, view: View) -> WarehouseType | None:
    """Return the warehouse type that the form `view` is about; None while none is chosen."""
    if target := read_form_context(view).target:
        return inventory.get_type(target.metadata_id, target.type_name)
    chosen = read_chosen_type(view)
    return inventory.get_type(*chosen) if chosen else None


def build_field_key(warehouse_type: WarehouseType | None, key: str) -> str:
    """Return the key of the field for the setting `key`. It includes the type: each type has its own `password`."""
    return f"{warehouse_type.metadata_id if warehouse_type else ''}:{key}"


def parse_setting_key(field_key: str) -> str:
    """Return the key of the setting that a field is for."""
    return field_key.partition(":")[2]


def label_setting(warehouse_type: WarehouseType, key: str) -> str:
    """Return the label of the field for the setting `key`; the key itself if the type has no such setting."""
    setting = warehouse_type.find_setting(key)
    return field_label(setting) if setting else key
