"""What /warehouse can be told to do, each as a frozen value; `command_line` reads and writes their text."""

from bot.domain.frozen_model import FrozenModel


class Help(FrozenModel):
    """Show every command, or the usage of one."""

    topic: str | None = None


class List(FrozenModel):
    """List warehouses. `page` counts from 1; None everywhere else means "any"."""

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
    """Open the form for a new warehouse, with `space` chosen where it is given."""

    space: str | None = None


class Update(FrozenModel):
    """Open the form of one warehouse."""

    warehouse: str


class Enable(FrozenModel):
    """Turn one warehouse's sync on."""

    warehouse: str
    reason: str | None = None


class Disable(FrozenModel):
    """Ask to turn one warehouse's sync off; without a `reason`, a form asks for it."""

    warehouse: str
    reason: str | None = None


class Delete(FrozenModel):
    """Ask to delete one warehouse; without a `reason`, a form asks for it."""

    warehouse: str
    reason: str | None = None


class History(FrozenModel):
    """Show what was asked of one warehouse, beside Segment's own audit trail of it."""

    warehouse: str


class Pending(FrozenModel):
    """List the open requests."""


Command = Help | List | Show | Create | Update | Enable | Disable | Delete | History | Pending
