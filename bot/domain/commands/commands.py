"""The commands of /warehouse as frozen values. `parser` reads and writes their text."""

from bot.domain.frozen_model import FrozenModel


class Help(FrozenModel):
    """Show every command, or the usage of one."""

    topic: str | None = None


class List(FrozenModel):
    """List warehouses. `page` counts from 1; None in another field means "any"."""

    space: str | None = None
    type: str | None = None
    enabled: bool | None = None
    find: str | None = None
    private: bool = False
    page: int = 1


class Show(FrozenModel):
    """Show one warehouse, named by id or name."""

    warehouse: str
    private: bool = False


class Create(FrozenModel):
    """Open the form for a new warehouse; `space` is selected in it."""

    space: str | None = None


class Update(FrozenModel):
    """Open the form of one warehouse."""

    warehouse: str


class Enable(FrozenModel):
    """Turn one warehouse's sync on."""

    warehouse: str
    reason: str | None = None


class Disable(FrozenModel):
    """Request to turn one warehouse's sync off; without a `reason`, a dialog asks for it."""

    warehouse: str
    reason: str | None = None


class Delete(FrozenModel):
    """Request to delete one warehouse; without a `reason`, a dialog asks for it."""

    warehouse: str
    reason: str | None = None


class History(FrozenModel):
    """Show the requests of one warehouse and Segment's audit events of it."""

    warehouse: str


class Pending(FrozenModel):
    """List the open requests."""


Command = Help | List | Show | Create | Update | Enable | Disable | Delete | History | Pending
