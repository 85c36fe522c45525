"""Appends for ever to the store whose URL is given, and says each command's id after its receipt: the acknowledgement."""

import os
import sys
from uuid import uuid4


def main(url: str) -> None:
    os.environ["OPENINFUSION_DATABASE_URL"] = url
    import django

    django.setup()
    from tests.store.sample_events import LineOpened, a_log, command

    log = a_log()
    while True:
        sent = command(uuid4(), body="same")
        log.append(sent, [("session/1", LineOpened("a")), ("session/2", LineOpened("b"))], {})
        sys.stdout.write(f"{sent.command_id}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
