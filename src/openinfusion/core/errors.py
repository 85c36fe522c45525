"""What stops a request: a refused command, a view that is out of date, a file that does not hold.

A clinical "no" is not an error but a Finding; `CommandRefused` carries the findings that refused. Nothing here formats text for people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from openinfusion.core.finding import Finding


class Code(StrEnum):
    """Every reason for which a request can fail; `ERROR_TABLE` maps each to its outcomes."""

    REFUSED = "command-refused"
    STALE_VIEW = "stale-view"
    ID_REUSED = "id-reused"
    MALFORMED = "malformed"
    NOT_FOUND = "not-found"
    NOT_ALLOWED = "not-allowed"
    PROTOCOL_BROKEN = "protocol-broken"
    NOT_SAVED = "not-saved"
    STORE_UNSAFE = "store-unsafe"
    CONFIGURATION = "configuration"
    UNEXPECTED_RESULT = "unexpected-result"
    FAULT = "program-fault"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one code looks on each surface: HTTP status, FHIR issue type, process exit status."""

    http: int
    issue: str
    exit: int


ERROR_TABLE: Mapping[Code, Outcome] = {
    Code.REFUSED: Outcome(422, "business-rule", 1),
    Code.STALE_VIEW: Outcome(409, "conflict", 1),
    Code.ID_REUSED: Outcome(409, "duplicate", 1),
    Code.MALFORMED: Outcome(400, "structure", 2),
    Code.NOT_FOUND: Outcome(404, "not-found", 2),
    Code.NOT_ALLOWED: Outcome(403, "forbidden", 3),
    Code.PROTOCOL_BROKEN: Outcome(422, "invalid", 4),
    Code.NOT_SAVED: Outcome(503, "transient", 5),
    Code.STORE_UNSAFE: Outcome(503, "exception", 6),
    Code.CONFIGURATION: Outcome(500, "exception", 7),
    Code.UNEXPECTED_RESULT: Outcome(500, "processing", 1),
    Code.FAULT: Outcome(500, "exception", 8),
}


class OpenInfusionError(Exception):
    """Base of all expected failures: a code and its parameters, turned into words by the presenter only."""

    code: Code

    def __init__(self, **params: object) -> None:
        super().__init__(self.code.value, params)
        self.params: Mapping[str, object] = params


class CommandRefused(OpenInfusionError):
    """A control command met a rule that refuses it; nothing was written."""

    code = Code.REFUSED

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings=tuple(findings))
        self.findings: tuple[Finding, ...] = tuple(findings)


class Conflict(OpenInfusionError):
    """The view on which a control command was decided is out of date; `stream` moved from `expected` to `actual`."""

    code = Code.STALE_VIEW

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__(stream=stream, expected=expected, actual=actual)
        self.stream, self.expected, self.actual = stream, expected, actual


class IdReused(OpenInfusionError):
    """The same command id came with another body; nothing was written. `stored_sha256` is the digest of the first body."""

    code = Code.ID_REUSED

    def __init__(self, command_id: str, stored_sha256: str) -> None:
        super().__init__(command_id=command_id, stored_sha256=stored_sha256)


class Malformed(OpenInfusionError):
    """Input that cannot be read at all; `at` names where, `why` what is wrong, `write` what would be right."""

    code = Code.MALFORMED

    def __init__(self, at: str, why: str, write: str = "") -> None:
        super().__init__(at=at, why=why, write=write)


class NotFound(OpenInfusionError):
    """Nothing is known under this name; foreign and missing give the same answer."""

    code = Code.NOT_FOUND

    def __init__(self, what: str, name: str) -> None:
        super().__init__(what=what, name=name)


class NotAllowed(OpenInfusionError):
    """The policy table does not give this actor this action."""

    code = Code.NOT_ALLOWED

    def __init__(self, action: str, roles: Sequence[str]) -> None:
        super().__init__(action=action, roles=tuple(roles))


class ProtocolError(OpenInfusionError):
    """A protocol, table or evidence file does not hold; `problems` are `file:line: path: what is wrong; what to write`."""

    code = Code.PROTOCOL_BROKEN

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(problems=tuple(problems))
        self.problems = tuple(problems)


class NotSaved(OpenInfusionError):
    """The store could not commit (disk full, I/O error, read-only); nothing was acknowledged."""

    code = Code.NOT_SAVED

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class StoreUnsafe(OpenInfusionError):
    """Triggers or durability settings are not as required; the program refuses to serve."""

    code = Code.STORE_UNSAFE

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(problems=tuple(problems))
        self.problems = tuple(problems)


class ConfigurationError(OpenInfusionError):
    """A setting is missing or not valid; `name` is the environment variable."""

    code = Code.CONFIGURATION

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name=name, why=why)


class Fault(OpenInfusionError):
    """The program itself failed: `what` went wrong and `where` in its code, for the people who mend it."""

    code = Code.FAULT

    def __init__(self, what: str, where: str) -> None:
        super().__init__(what=what, where=where)
