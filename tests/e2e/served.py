"""`openinfusion serve --behind-proxy`, in a process whose clock the test sets: the eight hours of a therapy pass in a minute.

The clock exists in this file only. `wiring.SystemClock` is the one place where the program reads the time, so replacing its `now`, before
anything of the program has started, moves the whole program. It runs on as the machine's clock does, from the offset in a file.

    python -m tests.e2e.served OFFSET_FILE serve --behind-proxy --port 1234
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path


def use_clock(offset: Path) -> None:
    """From now on the program's time is the machine's plus the seconds in this file."""
    from openinfusion import wiring

    def now(self: wiring.SystemClock) -> datetime:
        del self
        return datetime.now(UTC) + timedelta(seconds=float(offset.read_text(encoding="ascii")))

    wiring.SystemClock.now = now  # type: ignore[method-assign]  # the one seam, replaced in this process only


def serve_demo_store(port: int) -> None:
    """Serve the demo store of this home as `openinfusion demo` does, without its made-up colleagues."""
    import os

    from openinfusion import config, wiring
    from openinfusion.app.ports import StoreKind

    wiring.open_store(config.load(os.environ, StoreKind.DEMO))
    from openinfusion.web.serving import serve

    serve("127.0.0.1", port)


if __name__ == "__main__":
    use_clock(Path(sys.argv.pop(1)))
    if sys.argv[1] == "demo-store":
        serve_demo_store(int(sys.argv[2]))
    else:
        from openinfusion.cli import main

        main()
