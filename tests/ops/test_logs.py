"""What the log holds, and what it does not, however the bot ends."""

import subprocess
import sys

PROGRAM = """
import logging
from pydantic import SecretStr
from bot.domain.striking import Censor
from bot.ops.logs import configure
configure("DEBUG", Censor(SecretStr("canary-hunter2-canary")).strike)
logging.getLogger("somebody").warning("password=%s", "canary-hunter2-canary")
logging.getLogger("slack_sdk").debug("canary-hunter2-canary")
try:
    raise ValueError("canary-hunter2-canary")
except ValueError:
    logging.getLogger("somebody").exception("it failed")
raise RuntimeError("unknown-to-the-censor canary-hunter2-canary")
"""


def test_no_line_and_no_crash_tells_a_secret() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1
    assert "password=•••" in ended.stderr
    assert '"error": "ValueError"' in ended.stderr
    assert '"event": "crashed"' in ended.stderr
    for hidden in ("hunter2", "unknown-to-the-censor", "Traceback"):
        assert hidden not in ended.stdout + ended.stderr
