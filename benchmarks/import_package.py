"""Claim: `import openinfusion` takes at most 0.25 s. Fresh interpreters with and without the import, in turn, in one run."""

import json
import statistics
import subprocess
import sys
import time

LIMIT_S = 0.25
PAIRS = 15


def seconds(program: str) -> float:
    """Wall time of one fresh interpreter that runs `program`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True)
    return time.perf_counter() - start


def main() -> int:
    """Print the medians and whether the claim holds; exit status 1 when it does not."""
    seconds("import openinfusion")  # compiles the bytecode once
    bare, full = zip(*((seconds("pass"), seconds("import openinfusion")) for _ in range(PAIRS)), strict=True)
    extra = statistics.median(after - before for before, after in zip(bare, full, strict=True))
    measured = {"bare_interpreter_s": statistics.median(bare), "with_import_s": statistics.median(full), "import_s": extra}
    holds = extra <= LIMIT_S
    print(
        json.dumps(
            {"claim": "import_package", **{name: round(value, 4) for name, value in measured.items()}, "limit_s": LIMIT_S, "holds": holds}
        )
    )
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
