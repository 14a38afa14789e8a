"""manifest.yml is what Slack takes, and asks for what the code uses: no less, no more."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from bot.cli.workspace import SLASH_COMMAND
from bot.domain.commands.parser import COMMAND_SPECS
from bot.slack.handlers.commands import COMMAND_NAME

ROOT = Path(__file__).parent.parent.parent
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text())
SCHEMA: dict[str, Any] = json.loads((Path(__file__).parent / "slack-manifest-v1.schema.json").read_text())

#: The bot scopes that the Web API methods the code may use ask for (each method's page on docs.slack.dev).
SCOPE_OF = {
    "auth_test": None,
    "chat_getPermalink": None,
    "chat_postEphemeral": "chat:write",
    "chat_postMessage": "chat:write",
    "chat_update": "chat:write",
    "usergroups_list": "usergroups:read",
    "usergroups_users_list": "usergroups:read",
    "users_info": "users:read",
    "views_open": None,
    "views_publish": None,
    "views_push": None,
    "views_update": None,
}
CODE = "\n".join(file.read_text() for file in sorted((ROOT / "bot").rglob("*.py")) if "sandbox" not in file.parts)


def test_slack_takes_the_manifest() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.validate(MANIFEST, SCHEMA, cls=jsonschema.Draft7Validator)


def test_the_schema_refuses_what_slack_would() -> None:
    errors = jsonschema.Draft7Validator(SCHEMA).iter_errors({**MANIFEST, "unknown": 1, "display_information": {}})
    assert len(list(errors)) == 2


def test_the_scopes_are_those_of_the_methods_that_are_called() -> None:
    called = set(
        re.findall(r"client\.((?:auth|chat|conversations|usergroups|users|views|files|reactions)_\w+)\(", CODE)
    )
    assert called
    assert called <= SCOPE_OF.keys()
    wanted = {"commands"} | {scope for method in called if (scope := SCOPE_OF[method])}
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == wanted


def test_the_command_is_the_one_that_is_listened_to_and_its_text_is_escaped() -> None:
    (command,) = MANIFEST["features"]["slash_commands"]
    assert command["command"] == COMMAND_NAME
    assert command["should_escape"] is True
    assert set(re.findall(r"\w+", command["usage_hint"])) == set(COMMAND_SPECS)
    assert (command["command"], command["description"]) == (SLASH_COMMAND["command"], SLASH_COMMAND["description"])


def test_the_events_are_those_that_are_listened_to() -> None:
    listened = re.findall(r'@app\.event\("(\w+)"\)', CODE)
    assert MANIFEST["settings"]["event_subscriptions"]["bot_events"] == listened
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True
