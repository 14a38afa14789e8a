"""A configured secret that is too weak to hide is reported at the start, by its name and not by its value."""

import subprocess
import sys

_START = """
from bot.cli.configuration import configure_scrubbing
from bot.config.settings import read_settings
tokens = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SEGMENT_API_TOKEN": "sgp_canary1"}
secrets = {"WAREHOUSE_SECRET_LOADER": "postgres", "WAREHOUSE_SECRET_OTHER": "hunter7", "SEGMENT_SPACES": "acme-eu"}
scrubber = configure_scrubbing(read_settings({**tokens, **secrets, "WAREHOUSE_SECRET_SPACE": "acme-eu"}, dotenv=None))
print(scrubber.scrub("postgres and hunter7 in acme-eu"))
"""


def test_a_weak_secret_is_reported_at_the_start_by_its_name() -> None:
    ran = subprocess.run([sys.executable, "-c", _START], capture_output=True, text=True, check=True)
    assert ran.stdout == "postgres and ••• in acme-eu\n"
    told = [line for line in ran.stderr.splitlines() if "secret too weak to hide" in line]
    assert len(told) == 2
    assert '"WAREHOUSE_SECRET_LOADER"' in told[0]
    assert '"WAREHOUSE_SECRET_SPACE"' in told[1]
    assert "postgres" not in ran.stderr
