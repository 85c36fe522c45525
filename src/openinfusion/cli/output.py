"""What the command line prints: one JSON object, or plain lines. Words come from the presenter."""

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from openinfusion.core.canonical import Json
from openinfusion.core.errors import OpenInfusionError

if TYPE_CHECKING:
    from openinfusion.app.present import Glossary
    from openinfusion.core.finding import Finding

NOT_FOR_CLINICAL_USE = "NOT FOR CLINICAL USE: example protocols on a throw-away store, with made-up patients and staff."


def say(text: str = "") -> None:
    """One line to standard output, at once: what reads it may wait for it while the program goes on."""
    print(writable(text), flush=True)


def say_json(value: Json) -> None:
    """One JSON object to standard output, at once."""
    print(writable(json.dumps(value, ensure_ascii=False, indent=2)), flush=True)


def writable(text: str) -> str:
    """Text in which half a character or a broken byte of somebody's input, which no output can write, stands as its escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def warn(text: str) -> None:
    """One line to standard error."""
    print(writable(text), file=sys.stderr)


def say_findings(findings: "Iterable[Finding]", glossary: "Glossary") -> None:
    """Each finding with its level and words."""
    from openinfusion.app import present

    for finding in findings:
        words = present.finding(finding, present.plain, glossary)
        say(f"  [{finding.level.value}] {words.text}")


def say_error(error: OpenInfusionError, *, as_json: bool) -> None:
    """An expected failure: to standard output as JSON when that was asked for, else as words to standard error."""
    from openinfusion.app import present

    words = present.error(error)
    if as_json:
        say_json({"status": "error", "code": error.code.value, "text": words.text})
    else:
        warn(words.text)
