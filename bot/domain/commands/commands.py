"""What /warehouse can be told to do, each as a frozen value; `command_line` reads and writes their text."""

from bot.domain.warehouses import Value


class Help(Value):
    """Show every command, or the usage of one."""

    topic: str | None = None


class List(Value):
    """List warehouses. `page` counts from 1; None everywhere else means "any"."""

    space: str | None = None
    type: str | None = None
    enabled: bool | None = None
    find: str | None = None
    private: bool = False
    page: int = 1


class Show(Value):
    """Show one warehouse, named by id or name."""

    warehouse: str
    private: bool = False


class Create(Value):
    """Open the form for a new warehouse, with `space` chosen where it is given."""

    space: str | None = None


class Update(Value):
    """Open the form of one warehouse."""

    warehouse: str


class Enable(Value):
    """Turn one warehouse's sync on."""

    warehouse: str
    reason: str | None = None


class Disable(Value):
    """Ask to turn one warehouse's sync off; without a `reason`, a form asks for it."""

    warehouse: str
    reason: str | None = None


class Delete(Value):
    """Ask to delete one warehouse; without a `reason`, a form asks for it."""

    warehouse: str
    reason: str | None = None


class History(Value):
    """Show what was asked of one warehouse, beside Segment's own audit trail of it."""

    warehouse: str


class Pending(Value):
    """List the open requests."""


Command = Help | List | Show | Create | Update | Enable | Disable | Delete | History | Pending
