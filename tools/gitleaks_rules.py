"""Take the rules of a gitleaks program over: translated, each with an example that this program finds.

    python -m tools.gitleaks_rules PATH/TO/gitleaks

writes `bot/domain/redaction/detection/gitleaks-rules.json` and `tests/domain/redaction/examples/gitleaks.txt`.
docs/detection.md says more.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypedDict

from tools.examples import example_of
from tools.re2_syntax import translate

ROOT = Path(__file__).parent.parent
RULES = ROOT / "bot/domain/redaction/detection/gitleaks-rules.json"
WRITTEN = ROOT / "tests/domain/redaction/examples/gitleaks.txt"

#: Rules that are left out, and why.
LEFT_OUT = {
    "curl-auth-header": "takes time that grows with the square of the text; detection.named knows headers anywhere",
    "curl-auth-user": "the same",
    "generic-api-key": "needs 1,400 words that are no secrets; detection.named judges names and values itself",
    "kubernetes-secret-yaml": "knows a file by its layout",
    "pkcs12-file": "knows a file by its name",
    "private-key": "wants the end of a block, which may be cut off; detection.shaped does not",
}
#: Rules with a repetition that has no bound, which may take time that grows with the square of the text. Somebody read
#: these: what is repeated holds no start of a further match, so that each character is looked at by one match alone.
READ = frozenset(
    {
        "1password-service-account-token",
        "facebook-page-access-token",
        "flyio-access-token",
        "jwt",
        "jwt-base64",
        "microsoft-teams-webhook",
        "slack-app-token",
        "slack-bot-token",
        "slack-legacy-token",
        "yandex-access-token",
    }
)
#: Bounds for repetitions that have none and for which the above is not so.
BOUNDED = {
    "freemius-secret-key": {r"\s*": r"\s{0,8}"},
    "nuget-config-password": {r"\s*": r"\s{0,8}", ".{8,}": ".{8,200}?"},
}
_OPEN = re.compile(r"(?<!\\)(?:[*+]|\{\d+,\})(?![^\[]*(?<!\\)\])")

_HEAD = """\
# One example for each rule of gitleaks, made up by tools/gitleaks_rules.py and found by gitleaks {version} itself.
# They open nothing. « and » stand around the secret; ¦ keeps those who scan this repository from finding it.
"""


class _Published(TypedDict, total=False):
    id: str
    regex: str
    keywords: list[str]
    entropy: float
    path: str


def main() -> None:
    """Write both files, or name the rules for which something is missing."""
    program = Path(sys.argv[1]).resolve()
    version = subprocess.run([program, "version"], check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603
    published = [rule for rule in read_rules(program) if rule["id"] not in LEFT_OUT]
    rules = [_rule(rule) for rule in published]
    unread = [rule["id"] for rule in rules if _OPEN.search(str(rule["pattern"])) and rule["id"] not in READ]
    examples = make_examples(program, published)
    missing = sorted({rule["id"] for rule in published} - examples.keys())
    if unread or missing:
        sys.exit(
            f"Read these for their time, then add them to READ or BOUNDED: {unread}; no example found for: {missing}"
        )
    about = {
        "source": "gitleaks, the configuration in its program",
        "version": version,
        "licence": "MIT, Copyright (c) 2019 Zachary Rice; see gitleaks-LICENSE",
        "rules": rules,
    }
    RULES.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    lines = [f"{rule}\t{text}" for rule, text in sorted(examples.items())]
    WRITTEN.write_text(_HEAD.format(version=version) + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"gitleaks {version}: {len(rules)} rules")  # noqa: T201 - a program for the terminal


def read_rules(program: Path) -> list[_Published]:
    """The rules in the configuration that gitleaks carries in its program, from its title to a null byte."""
    _, title, rest = program.read_bytes().partition(b'title = "gitleaks config"')
    rules: list[_Published] = tomllib.loads((title + rest.partition(b"\0")[0]).decode())["rules"]
    return rules


def _rule(published: _Published) -> dict[str, object]:
    pattern = published["regex"]
    for open_part, bounded in BOUNDED.get(published["id"], {}).items():
        pattern = pattern.replace(open_part, bounded)
    rule: dict[str, object] = {
        "id": published["id"],
        "keywords": published["keywords"],
        "pattern": translate(pattern),
    }
    return {**rule, "entropy": published["entropy"]} if "entropy" in published else rule


def make_examples(program: Path, published: Iterable[_Published]) -> dict[str, str]:
    """For each rule the first example that gitleaks finds by it, marked; nothing where it finds none."""
    tried = {
        f"{number}-{rule['id']}{_suffix(rule)}": (rule["id"], example_of(rule["id"], translate(rule["regex"]), number))
        for rule in published
        for number in range(6)
    }
    found = _find(program, {name: text.replace("«", "").replace("»", "") for name, (_, text) in tried.items()})
    examples: dict[str, str] = {}
    for name, (rule, text) in tried.items():
        if rule in found[name]:
            examples.setdefault(rule, _hide(text))
    return examples


def _suffix(rule: _Published) -> str:
    """The file name that a rule for some files wants."""
    return {
        "freemius-secret-key": ".php",
        "hashicorp-tf-password": ".tf",
        "nuget-config-password": "/nuget.config",
    }.get(rule["id"], ".txt")


def _find(program: Path, texts: Mapping[str, str]) -> dict[str, set[str]]:
    """By which rules gitleaks finds something in each of `texts`, which are written to files of these names."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            path = Path(folder, "texts", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        report = Path(folder, "report.json")
        options = ["--no-banner", "--log-level=error", "--exit-code=0", f"--report-path={report}"]
        subprocess.run([program, "dir", f"{folder}/texts", *options], check=True)  # noqa: S603
        found: dict[str, set[str]] = {name: set() for name in texts}
        for entry in json.loads(report.read_text()):
            found[str(Path(entry["File"]).relative_to(f"{folder}/texts"))].add(entry["RuleID"])
    return found


def _hide(text: str) -> str:
    """`text` with a ¦ after each six characters of the secret."""
    before, _, rest = text.partition("«")
    secret, _, after = rest.partition("»")
    return f"{before}«{'¦'.join(secret[at : at + 6] for at in range(0, len(secret), 6))}»{after}"


if __name__ == "__main__":
    main()
