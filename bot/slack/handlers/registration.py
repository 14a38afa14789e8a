"""Build the handlers, and register their listeners with the Bolt app."""

from typing import NamedTuple

from slack_bolt.async_app import AsyncApp

from bot.services.access_control import AccessControl
from bot.services.approvals import Approvals
from bot.services.connection_tests import ConnectionTester
from bot.services.history import HistoryReader
from bot.services.inventory import Inventory
from bot.services.one_time_secrets import OneTimeSecrets
from bot.services.ports import Now, OneTimeSecretStore, RequestStore
from bot.services.reconciler import Reconciler
from bot.services.verifier import Verifier
from bot.slack.background import BackgroundTasks
from bot.slack.handlers import (
    buttons,
    commands,
    connection_tests,
    decisions,
    dialogs,
    forms,
    home,
    secret_links,
    submissions,
)
from bot.slack.handlers.change_commands import ChangeCommandHandler
from bot.slack.handlers.change_requests import ChangeRequester
from bot.slack.handlers.decision_dialogs import DecisionDialogHandler
from bot.slack.handlers.form_reading import FormReader
from bot.slack.handlers.form_secrets import FormSecrets
from bot.slack.handlers.modals import ModalOpener
from bot.slack.handlers.read_commands import ReadCommandHandler
from bot.slack.handlers.reason_dialogs import ReasonDialogHandler
from bot.slack.handlers.repeats import RepeatHandler
from bot.slack.handlers.settle_dialogs import SettleDialogHandler
from bot.slack.handlers.submission_results import SubmissionResults
from bot.slack.interaction_tasks import InteractionTasks
from bot.slack.messenger import Messenger
from bot.slack.request_tasks import RequestTasks


class Services(NamedTuple):
    """The use cases that the handlers call, and the stores that they read."""

    access: AccessControl
    inventory: Inventory
    approvals: Approvals
    reconciler: Reconciler
    verifier: Verifier
    history: HistoryReader
    connection_tester: ConnectionTester
    one_time_secrets: OneTimeSecrets
    requests: RequestStore
    one_time_secret_store: OneTimeSecretStore
    now: Now


class HandlerContext(NamedTuple):
    """What all handlers share: the way to answer people, and to work in the background for them."""

    messenger: Messenger
    modals: ModalOpener
    background_tasks: BackgroundTasks
    interaction_tasks: InteractionTasks
    request_tasks: RequestTasks


class DialogHandlers(NamedTuple):
    """The handlers of the dialogs about requests."""

    decisions: DecisionDialogHandler
    settle: SettleDialogHandler
    reasons: ReasonDialogHandler


class FormHandlers(NamedTuple):
    """The handlers of the forms for warehouses."""

    forms: forms.FormHandler
    connection_tests: connection_tests.ConnectionTestHandler
    secret_links: secret_links.SecretLinkHandler
    submissions: submissions.SubmissionHandler


def register_handlers(
    app: AsyncApp, services: Services, messenger: Messenger, background_tasks: BackgroundTasks
) -> secret_links.SecretLinkHandler:
    """Build all handlers, register them with `app`, and return the one that shows received secrets in forms."""
    context = build_handler_context(services, messenger, background_tasks)
    change_requester = ChangeRequester(services.access, services.approvals, services.reconciler)
    form_handlers = build_form_handlers(services, context, change_requester)
    dialog_handlers = build_dialog_handlers(services, context, change_requester)
    register_form_handlers(app, form_handlers, context)
    register_request_handlers(app, services, context, dialog_handlers)
    register_command_handlers(app, services, context, change_requester, form_handlers.forms, dialog_handlers)
    return form_handlers.secret_links


def build_handler_context(
    services: Services, messenger: Messenger, background_tasks: BackgroundTasks
) -> HandlerContext:
    """Build what all handlers share."""
    interaction_tasks = InteractionTasks(messenger, background_tasks)
    return HandlerContext(
        messenger=messenger,
        modals=ModalOpener(services.access, messenger),
        background_tasks=background_tasks,
        interaction_tasks=interaction_tasks,
        request_tasks=RequestTasks(services.reconciler, interaction_tasks, background_tasks),
    )


def build_form_handlers(services: Services, context: HandlerContext, change_requester: ChangeRequester) -> FormHandlers:
    """Build the handlers of the forms."""
    inventory, access, messenger = services.inventory, services.access, context.messenger
    form_secrets = FormSecrets(inventory, services.connection_tester, services.one_time_secrets, access)
    return FormHandlers(
        forms=forms.FormHandler(inventory, services.approvals, form_secrets, context.modals, messenger),
        connection_tests=connection_tests.ConnectionTestHandler(
            inventory, services.connection_tester, form_secrets, access, messenger
        ),
        secret_links=secret_links.SecretLinkHandler(
            inventory, services.one_time_secrets, services.one_time_secret_store, access, messenger
        ),
        submissions=submissions.SubmissionHandler(
            FormReader(inventory, form_secrets, access),
            change_requester,
            context.request_tasks,
            SubmissionResults(inventory, form_secrets),
            messenger,
            context.background_tasks,
        ),
    )


def build_dialog_handlers(
    services: Services, context: HandlerContext, change_requester: ChangeRequester
) -> DialogHandlers:
    """Build the handlers of the dialogs."""
    return DialogHandlers(
        decisions=DecisionDialogHandler(services.approvals, services.access, context.messenger),
        settle=SettleDialogHandler(services.approvals, services.verifier, services.access, context.modals),
        reasons=ReasonDialogHandler(services.approvals, services.inventory, change_requester, context.modals),
    )


def register_form_handlers(app: AsyncApp, handlers: FormHandlers, context: HandlerContext) -> None:
    """Register the listeners of the forms."""
    forms.register_listeners(app, handlers.forms, context.background_tasks)
    connection_tests.register_listeners(app, handlers.connection_tests, context.background_tasks)
    secret_links.register_listeners(app, handlers.secret_links, context.background_tasks)
    submissions.register_listeners(app, handlers.submissions, context.messenger)


def register_request_handlers(
    app: AsyncApp, services: Services, context: HandlerContext, dialog_handlers: DialogHandlers
) -> None:
    """Register the listeners of the dialogs, the cards and the App Home."""
    dialog_handler = dialogs.DialogHandler(
        dialog_handlers.decisions,
        dialog_handlers.settle,
        dialog_handlers.reasons,
        context.request_tasks,
        context.interaction_tasks,
    )
    decision_handler = decisions.DecisionHandler(
        services.approvals,
        services.requests,
        services.access,
        dialog_handlers.decisions,
        context.request_tasks,
        context.interaction_tasks,
    )
    home_handler = home.HomeHandler(services.requests, services.access, context.messenger, services.now)
    dialogs.register_listeners(app, dialog_handler, context.messenger)
    decisions.register_listeners(app, decision_handler)
    home.register_listeners(app, home_handler, context.background_tasks)


def register_command_handlers(
    app: AsyncApp,
    services: Services,
    context: HandlerContext,
    change_requester: ChangeRequester,
    form_handler: forms.FormHandler,
    dialog_handlers: DialogHandlers,
) -> None:
    """Register the listeners of the slash command, and of the buttons on messages."""
    inventory, access, messenger = services.inventory, services.access, context.messenger
    read_commands = ReadCommandHandler(inventory, services.requests, services.history, access, messenger, services.now)
    change_commands = ChangeCommandHandler(
        inventory, services.approvals, change_requester, form_handler, dialog_handlers.reasons, messenger
    )
    command_handler = commands.CommandHandler(
        access, read_commands, change_commands, messenger, context.background_tasks
    )
    button_handlers = buttons.ButtonHandlers(
        list_pages=buttons.ListPageHandler(read_commands, messenger),
        commands=command_handler,
        repeats=RepeatHandler(inventory, services.requests, change_requester, messenger),
        forms=form_handler,
        reason_dialogs=dialog_handlers.reasons,
        settle_dialogs=dialog_handlers.settle,
    )
    commands.register_listeners(app, command_handler, context.background_tasks)
    buttons.register_listeners(app, button_handlers, buttons.ButtonListeners(access, context.interaction_tasks))
