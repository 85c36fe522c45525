"""The read models: small folds over the feed that answer "which", never "what is true": that is folded from the stream itself.

Each can be dropped and made again. None of them decides anything.
"""

from collections.abc import Mapping

from openinfusion.app.ports import Projection, Recorded, Row, Rows
from openinfusion.core.administration import events as session
from openinfusion.core.canonical import Json
from openinfusion.core.prescribing import events as order
from openinfusion.core.prescribing.ordering import needing_cosignature
from openinfusion.core.protocol_events import ProtocolRetired, ProtocolSigned


def _id_of(recorded: Recorded, kind: str) -> str | None:
    """The id of a stream of this kind, None for another kind."""
    name, _, identity = recorded.stream.partition("/")
    return identity if name == kind else None


def _changed(rows: Rows, key: str, sort: str | None = None, **values: Json) -> None:
    """Put a row with some of its values, and perhaps its place, changed; nothing when there is no such row."""
    row = rows.get(key)
    if row is not None:
        rows.put(Row(key, row.sort if sort is None else sort, {**row.payload, **values}))


class Sessions:
    """Sessions, the open ones before the closed, in the order they were planned: `open/<time>/<id>`, then `shut/<time>/<id>`."""

    name = "sessions"

    def apply(self, recorded: Recorded, rows: Rows) -> None:
        """Keep patient, course, number, last seq, and whether it is open."""
        identity = _id_of(recorded, "session")
        if identity is None:
            return
        match recorded.event:
            case session.SessionPlanned() as planned:
                payload: Mapping[str, Json] = {
                    "patient": planned.patient,
                    "course": planned.course,
                    "number": planned.number,
                    "protocol": planned.plan.protocol,
                    "seq": recorded.seq,
                    "arrived": "",
                    "open": True,
                }
                rows.put(Row(identity, f"open/{recorded.recorded_at.isoformat()}/{identity}", payload))
            case session.PatientArrived():
                _changed(rows, identity, seq=recorded.seq, arrived=recorded.occurred_at.isoformat())
            case session.SessionClosed() | session.SessionNotDone():
                _changed(rows, identity, f"shut/{recorded.recorded_at.isoformat()}/{identity}", seq=recorded.seq, open=False)
            case _:
                _changed(rows, identity, seq=recorded.seq)


class Orders:
    """Orders by what they wait for: `<status>/<time>/<course>`."""

    name = "orders"

    def apply(self, recorded: Recorded, rows: Rows) -> None:
        """Keep patient, protocol, who signed, and the status."""
        identity = _id_of(recorded, "course")
        if identity is None:
            return
        match recorded.event:
            case order.TherapyOrdered() as signed:
                status = "awaits-cosignature" if needing_cosignature(signed.plan.findings) else "signed"
                payload: Mapping[str, Json] = {
                    "patient": signed.patient,
                    "protocol": signed.plan.protocol,
                    "ordered_by": recorded.actor,
                    "ordered_at": recorded.occurred_at.isoformat(),
                    "status": status,
                    "seq": recorded.seq,
                }
                rows.put(Row(identity, f"{status}/{recorded.recorded_at.isoformat()}/{identity}", payload))
            case order.OrderCosigned():
                self._moved(recorded, identity, "signed", rows)
            case order.OrderVerified():
                self._moved(recorded, identity, "verified", rows)
            case order.OrderCancelled():
                self._moved(recorded, identity, "cancelled", rows)
            case _:
                return

    def _moved(self, recorded: Recorded, identity: str, status: str, rows: Rows) -> None:
        _changed(rows, identity, f"{status}/{recorded.recorded_at.isoformat()}/{identity}", status=status, seq=recorded.seq)


class Containers:
    """Container codes to the session they were prepared for."""

    name = "containers"

    def apply(self, recorded: Recorded, rows: Rows) -> None:
        """Keep session and drug by code."""
        identity = _id_of(recorded, "session")
        if identity is not None and isinstance(recorded.event, session.ContainerPrepared):
            container = recorded.event.container
            rows.put(Row(container.code, f"{identity}/{container.code}", {"session": identity, "drug": container.drug}))


class Wristbands:
    """Wristband codes to patients, from their planned sessions."""

    name = "wristbands"

    def apply(self, recorded: Recorded, rows: Rows) -> None:
        """Keep the patient by code."""
        if isinstance(recorded.event, session.SessionPlanned):
            planned = recorded.event
            rows.put(Row(planned.patient_code, planned.patient_code, {"patient": planned.patient}))


class Devices:
    """Devices to the open session they serve; a device that serves none has no row."""

    name = "devices"

    def apply(self, recorded: Recorded, rows: Rows) -> None:
        """Keep session and kind by device; the end of a session frees its devices."""
        identity = _id_of(recorded, "session")
        if identity is None:
            return
        match recorded.event:
            case session.DeviceAssociated(device=device, kind=kind):
                rows.put(Row(device, f"{identity}/{device}", {"session": identity, "kind": kind}))
                held = rows.get(f"session:{identity}")
                known = held.payload["devices"] if held else []
                mine = [*known, device] if isinstance(known, list) else [device]
                rows.put(Row(f"session:{identity}", f"~{identity}", {"devices": mine}))
            case session.SessionClosed() | session.SessionNotDone():
                held = rows.get(f"session:{identity}")
                freed = held.payload["devices"] if held else []
                for device in freed if isinstance(freed, list) else []:
                    row = rows.get(str(device))
                    if row is not None and row.payload["session"] == identity:
                        rows.drop(str(device))
                rows.drop(f"session:{identity}")
            case _:
                return


class ReviewTasks:
    """Records that broke a rule and wait for a person: `<time>/<session>/<seq>`."""

    name = "reviews"

    def apply(self, recorded: Recorded, rows: Rows) -> None:
        """Keep the rules that were broken."""
        identity = _id_of(recorded, "session")
        if identity is not None and isinstance(recorded.event, session.ReviewOpened):
            key = f"{identity}/{recorded.seq}"
            payload: Mapping[str, Json] = {
                "session": identity,
                "seq": recorded.seq,
                "rules": list(recorded.event.rules),
                "actor": recorded.actor,
            }
            rows.put(Row(key, f"{recorded.recorded_at.isoformat()}/{key}", payload))


class ProtocolSignatures:
    """Signatures by content hash."""

    name = "protocol-signatures"

    def apply(self, recorded: Recorded, rows: Rows) -> None:
        """Keep who signed in which role, and whether it was retired."""
        content_hash = _id_of(recorded, "protocol")
        if content_hash is None:
            return
        row = rows.get(content_hash)
        payload = dict(row.payload) if row else {"signed": [], "retired": False}
        match recorded.event:
            case ProtocolSigned(role=role):
                signed = payload["signed"]
                payload["signed"] = [*(signed if isinstance(signed, list) else []), [recorded.actor, role]]
            case ProtocolRetired():
                payload["retired"] = True
            case _:
                return
        rows.put(Row(content_hash, content_hash, payload))


PROJECTIONS: tuple[Projection, ...] = (Sessions(), Orders(), Containers(), Wristbands(), Devices(), ReviewTasks(), ProtocolSignatures())
