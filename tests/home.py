"""A home folder with a secret for this process of the test run: no test sees the store or settings of the person who runs it."""

import os
import secrets
import tempfile
from pathlib import Path

from openinfusion.config import keep_compiled
from tests.postgres import RUN_FOLDER

_OWN = "OPENINFUSION_"
_OF_THE_RUN = "OPENINFUSION_TEST_"


def settle() -> None:
    """Drop every setting of the caller's environment, and point the program and Django at a new home inside the run's folder."""
    for name in [name for name in os.environ if name.startswith(_OWN) and not name.startswith(_OF_THE_RUN)]:
        del os.environ[name]
    home = Path(tempfile.mkdtemp(prefix="home-", dir=os.environ[RUN_FOLDER]))
    secret = home / "secret"
    secret.touch(mode=0o600)
    secret.write_text(secrets.token_urlsafe(64))
    os.environ["OPENINFUSION_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "openinfusion.settings"
    keep_compiled(os.environ, Path(__file__).parents[1] / "var")  # what one run compiled the next need not
