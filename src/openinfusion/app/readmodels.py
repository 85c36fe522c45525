"""The read models: small folds over the feed that answer "which", never "what is true": that is folded from the stream itself.

Each can be dropped and made again. None of them decides anything.
"""

from collections.abc import Mapping

from openinfusion.app.ports import Documents, Projection, Recorded
from openinfusion.core.administration import events as session
from openinfusion.core.canonical import Json
from openinfusion.core.prescribing import events as order
from openinfusion.core.prescribing.ordering import needing_cosignature
from openinfusion.core.protocol_events import ProtocolRetired, ProtocolSigned
from openinfusion.core.screen_events import SoundTested


def _id_of(recorded: Recorded, kind: str) -> str | None:
    """The id of a stream of this kind, None for another kind."""
    name, _, identity = recorded.stream.partition("/")
    return identity if name == kind else None


def _changed(documents: Documents, key: str, **values: Json) -> None:
    """Put a row with some of its values changed; its place follows from `place`. Nothing when there is no such row."""
    content = documents.get(key)
    if content is not None:
        changed = {**content, **values}
        documents.put(key, changed, f"{changed['place']}/{key}")


class Sessions:
    """Sessions, the open ones before the closed, in the order they were planned: `open/<time>/<id>`, then `shut/<time>/<id>`."""

    name = "sessions"
    version = 1

    def apply(self, documents: Documents, recorded: Recorded) -> None:
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
                    "place": f"open/{recorded.recorded_at.isoformat()}",
                }
                documents.put(identity, payload, f"{payload['place']}/{identity}")
            case session.PatientArrived():
                _changed(documents, identity, seq=recorded.seq, arrived=recorded.occurred_at.isoformat())
            case session.SessionClosed() | session.SessionNotDone():
                _changed(documents, identity, place=f"shut/{recorded.recorded_at.isoformat()}", seq=recorded.seq, open=False)
            case _:
                _changed(documents, identity, seq=recorded.seq)


class PatientsSessions:
    """The sessions of each patient: `<patient>/<session>`. What one gives counts in the limits of the others."""

    name = "sessions-of-patient"
    version = 1

    def apply(self, documents: Documents, recorded: Recorded) -> None:
        """Keep the patient by session."""
        identity = _id_of(recorded, "session")
        if identity is not None and isinstance(recorded.event, session.SessionPlanned):
            documents.put(identity, {"patient": recorded.event.patient}, f"{recorded.event.patient}/{identity}")


class Orders:
    """Orders by what they wait for: `<status>/<time>/<course>`."""

    name = "orders"
    version = 1

    def apply(self, documents: Documents, recorded: Recorded) -> None:
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
                    "place": f"{status}/{recorded.recorded_at.isoformat()}",
                }
                documents.put(identity, payload, f"{payload['place']}/{identity}")
            case order.OrderCosigned():
                _moved(recorded, identity, "signed", documents)
            case order.OrderVerified():
                _moved(recorded, identity, "verified", documents)
            case order.OrderCancelled():
                _moved(recorded, identity, "cancelled", documents)
            case _:
                return


def _moved(recorded: Recorded, course: str, status: str, documents: Documents) -> None:
    """An order waits for something else now."""
    _changed(documents, course, place=f"{status}/{recorded.recorded_at.isoformat()}", status=status, seq=recorded.seq)


class Therapies:
    """The courses and sessions of each patient: `<patient>/<course|session>/<time>/<id>`."""

    name = "therapies"
    version = 1

    def apply(self, documents: Documents, recorded: Recorded) -> None:
        """Keep which kind of thing it is and its id; what it is now stands in its own read model."""
        match recorded.event:
            case order.TherapyOrdered(patient=patient) | session.SessionPlanned(patient=patient):
                kind, _, identity = recorded.stream.partition("/")
                place = f"{patient}/{kind}/{recorded.recorded_at.isoformat()}/{identity}"
                documents.put(identity, {"kind": kind, "id": identity}, place)
            case _:
                return


class Containers:
    """Container codes to the session they were prepared for."""

    name = "containers"
    version = 1

    def apply(self, documents: Documents, recorded: Recorded) -> None:
        """Keep session and drug by code."""
        identity = _id_of(recorded, "session")
        if identity is not None and isinstance(recorded.event, session.ContainerPrepared):
            container = recorded.event.container
            documents.put(container.code, {"session": identity, "drug": container.drug}, f"{identity}/{container.code}")


class Wristbands:
    """Wristband codes to patients, from their planned sessions."""

    name = "wristbands"
    version = 1

    def apply(self, documents: Documents, recorded: Recorded) -> None:
        """Keep the patient by code."""
        if isinstance(recorded.event, session.SessionPlanned):
            planned = recorded.event
            documents.put(planned.patient_code, {"patient": planned.patient}, planned.patient_code)


class Devices:
    """Devices to the open session they serve; a device that serves none has no row."""

    name = "devices"
    version = 1

    def apply(self, documents: Documents, recorded: Recorded) -> None:
        """Keep session and kind by device; the end of a session frees its devices."""
        identity = _id_of(recorded, "session")
        if identity is None:
            return
        match recorded.event:
            case session.DeviceAssociated(device=device, kind=kind):
                documents.put(device, {"session": identity, "kind": kind}, f"{identity}/{device}")
                documents.put(f"of/{identity}", {"devices": [*self._of(documents, identity), device]}, f"of/{identity}")
            case session.SessionClosed() | session.SessionNotDone():
                for device in self._of(documents, identity):
                    held = documents.get(device)
                    if held is not None and held["session"] == identity:
                        documents.remove(device)
                documents.remove(f"of/{identity}")
            case _:
                return

    def _of(self, documents: Documents, identity: str) -> list[str]:
        known = (documents.get(f"of/{identity}") or {}).get("devices")
        return [str(device) for device in known] if isinstance(known, list) else []


class ReviewTasks:
    """Records that broke a rule and wait for a person: `<time>/<session>/<seq>`."""

    name = "reviews"
    version = 1

    def apply(self, documents: Documents, recorded: Recorded) -> None:
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
            documents.put(key, payload, f"{recorded.recorded_at.isoformat()}/{key}")


class ProtocolSignatures:
    """Signatures by content hash."""

    name = "protocol-signatures"
    version = 1

    def apply(self, documents: Documents, recorded: Recorded) -> None:
        """Keep who signed in which role, and whether it was retired."""
        content_hash = _id_of(recorded, "protocol")
        if content_hash is None:
            return
        payload: dict[str, Json] = dict(documents.get(content_hash) or {"signed": [], "retired": False})
        match recorded.event:
            case ProtocolSigned(role=role):
                signed = payload["signed"]
                payload["signed"] = [*(signed if isinstance(signed, list) else []), [recorded.actor, role]]
            case ProtocolRetired():
                payload["retired"] = True
            case _:
                return
        documents.put(content_hash, payload, content_hash)


class Screens:
    """Screens by name, those that cannot be heard apart: `silent/<screen>`, else `heard/<screen>`."""

    name = "screens"
    version = 1

    def apply(self, documents: Documents, recorded: Recorded) -> None:
        """Keep the last self-test, who made it and when."""
        if _id_of(recorded, "screen") is None or not isinstance(recorded.event, SoundTested):
            return
        tested = recorded.event
        payload: Mapping[str, Json] = {
            "heard": tested.heard,
            "why": tested.why,
            "by": recorded.actor,
            "at": recorded.recorded_at.isoformat(),
        }
        documents.put(tested.screen, payload, f"{'heard' if tested.heard else 'silent'}/{tested.screen}")


PROJECTIONS: tuple[Projection, ...] = (
    Sessions(),
    PatientsSessions(),
    Orders(),
    Therapies(),
    Containers(),
    Wristbands(),
    Devices(),
    ReviewTasks(),
    ProtocolSignatures(),
    Screens(),
)
