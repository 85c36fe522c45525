"""The five stages before the flow: check-in, screen, access, premedicate, verify. Each shows what is known and what holds the start."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy

from openinfusion.app.chart import Known, known
from openinfusion.core.administration import commands as c
from openinfusion.core.administration import events as e
from openinfusion.core.administration.ladder import first_rate
from openinfusion.core.administration.parts import ScanKind
from openinfusion.core.administration.reasons import reasoned_by
from openinfusion.core.administration.scancode import CodeKind, scancode
from openinfusion.core.administration.session import Given
from openinfusion.core.administration.volume import planned_volume
from openinfusion.core.finding import Finding, Level, verdict
from openinfusion.core.patient import duration
from openinfusion.core.prescribing.order import PlannedPremedication
from openinfusion.core.protocol import Delivery, Route
from openinfusion.core.quantity import Quantity
from openinfusion.web.chairside import Chairside, Posted
from openinfusion.web.naming import CHECK_WORDS
from openinfusion.web.observing import USUAL, observed
from openinfusion.web.views.facts import FactsForm
from openinfusion.web.views.stages.choices import ACCESS_DEVICES, sites_of
from openinfusion.web.views.stages.holding import gap_of, injection_holds, start_holds
from openinfusion.web.wording import verdict_word

_IN_FORMS_OF_THEIR_OWN = frozenset({"consent", "site.anaphylaxis_kit_checked", "allergy"})
_ALWAYS = ("weight",)


class TodayForm(FactsForm):
    """What is asked on the day of the session: the protocol's own questions, and what today's screening still misses."""

    @classmethod
    def of(cls, chair: Chairside, data: QueryDict | None = None) -> "TodayForm":
        """The form of a session."""
        return cls(asked_today(chair), chair.now, data)


def asked_today(chair: Chairside) -> tuple[Known, ...]:
    """The fields to ask at check-in, with what is known of each."""
    fields = chair.ports.library.reference.fields
    missing = [name for one in chair.findings if one.level is Level.MISSING for name in _named(one)]
    names = [*_ALWAYS, *(need.field for need in chair.protocol.needs if need.before == "start"), *missing]
    rules = (*chair.protocol.contraindications, *chair.protocol.cautions, *chair.loaded.general_rules)
    names += [rule.until for rule in rules if rule.before == "start" and rule.until]
    specs = [fields[name] for name in dict.fromkeys(names) if name in fields and name not in _IN_FORMS_OF_THEIR_OWN]
    askable = [spec for spec in specs if spec.supplied_by not in ("computed", "order")]
    return known(chair.context.order.facts, askable, chair.now)


def _named(finding: Finding) -> Sequence[str]:
    named = finding.params.get("fields") or finding.params.get("field") or ()
    return named if isinstance(named, tuple) else (str(named),)


def check_in(chair: Chairside, request: HttpRequest, posted: Posted) -> dict[str, Any]:
    """Who is here, consent, kit, the answers of today, the first vital signs."""
    del request
    back = posted.data if posted.command == "RecordFacts" else None
    wanted = [code for rule in chair.protocol.monitoring if rule.moment.value == "baseline" for code in rule.what]
    return {
        "today": TodayForm.of(chair, back),
        "asked": asked_today(chair),
        "observations": observed(wanted or USUAL),
        "leaflet_version": f"{chair.protocol.id} {chair.protocol.version}",
        "may_check_in": chair.may(c.CheckIn),
    }


def screen(chair: Chairside, request: HttpRequest, posted: Posted) -> dict[str, Any]:
    """Every finding of today with its rule, source and tier, and the form for the reasons to go on."""
    del request
    open_ = [one for one in chair.open_findings if one.level in (Level.CAUTION, Level.CONTRAINDICATED)]
    level = verdict(chair.open_findings)
    looks = {"none": "proceed", "info": "proceed", "caution": "decide", "incomplete": "decide"}
    return {
        "verdict": verdict_word(level),
        "verdict_css": looks.get(level.value, "stop"),
        "decided": [(one, _reason(chair, one)) for one in chair.findings if one not in chair.open_findings],
        "to_decide": [(one, posted.data.get(f"reasons.{one.key}", ""), _first_of_two(chair, one)) for one in open_],
        "no_way_through": [one for one in chair.open_findings if one not in open_],
        "earlier": chair.banner.reactions,
        "may_accept": chair.may(c.AcceptFindings),
    }


def _first_of_two(chair: Chairside, finding: Finding) -> str:
    """The prescriber who has decided on a contraindication that still waits for the second one; empty where nobody has."""
    if finding.level is not Level.CONTRAINDICATED:
        return ""
    return next(iter(sorted(reasoned_by(finding.key, chair.state, chair.context, any_role=False))), "")


def _reason(chair: Chairside, finding: Finding) -> str:
    signed = chair.context.signed
    given = (chair.state.accepted.get(finding.key), signed.reasons.get(finding.key), signed.cosign_reasons.get(finding.key))
    return "; ".join(reason for reason in given if reason)


def access(chair: Chairside, request: HttpRequest, posted: Posted) -> dict[str, Any]:
    """How the drug gets in, and the code of the line."""
    del request, posted
    return {
        "devices": ACCESS_DEVICES[chair.plan.route],
        "routes": tuple(Route),
        "sites": sites_of(chair.protocol, chair.plan.route),
        "line_code": scancode(CodeKind.LINE, uuid5(UUID(chair.session), "line")),
        "has_line": chair.protocol.delivery is not Delivery.INJECTION,
    }


@dataclass(frozen=True, slots=True)
class Premedication:
    """One planned premedication as it stands: given when and by whom, waived why, ready from when."""

    planned: PlannedPremedication
    given: Given | None
    waived: str
    ready_at: datetime | None
    routes: tuple[str, ...]


def premedicate(chair: Chairside, request: HttpRequest, posted: Posted) -> dict[str, Any]:
    """Each premedication with its window and its clock until the infusion may start."""
    del request, posted
    return {"premedications": [_premedication(chair, one) for one in chair.plan.premedication]}


def _premedication(chair: Chairside, planned: PlannedPremedication) -> Premedication:
    given = chair.state.premedication.get(planned.id)
    ready = given.at + duration(planned.before) if given is not None and planned.before is not None else None
    return Premedication(planned, given, chair.state.waived.get(planned.id, ""), ready, tuple(planned.route.split("/")))


def verify(chair: Chairside, request: HttpRequest, posted: Posted) -> dict[str, Any]:
    """The order beside the label, the scans, both checks, the pump, and the start with everything that holds it back.

    While the second check is owed nothing that it asks for stands on the page: nobody can copy (safety.md 6.3).
    """
    del request, posted
    state, scanned = chair.state, chair.state.scanned
    container = state.containers.get(scanned.get(ScanKind.CONTAINER.value, ""))
    is_injection = chair.protocol.delivery is Delivery.INJECTION
    double = chair.protocol.double_check.required
    agreed = bool(state.performer) and (bool(state.witness) or not double)
    blind = double and not agreed and bool(state.checks)
    holding = injection_holds(chair, container) if is_injection else start_holds(chair, container)
    return {
        "container": container,
        "double": double,
        "agreed": agreed,
        "blind": blind,
        "checks_done": len(state.checks),
        "differed": () if agreed else _differed(chair),
        "scans": _scans(chair),
        "dose": chair.plan.dose.amount if chair.plan.dose else None,
        "volume": planned_volume(state) or (container.volume if container else None),
        "first_rate": first_rate(state),
        "is_injection": is_injection,
        "with_rate": not is_injection,
        "holding": tuple(one for one in holding if not blind or _tells_nothing(one)),
        "sites": sites_of(chair.protocol, chair.plan.route),
        "gap": gap_of(chair),
        "site_numbers": range(1, (chair.plan.rates.sites or 1) + 1) if chair.plan.rates and _is_multi(chair) else (),
        "may_start": chair.may(c.GiveInjection if is_injection else c.StartInfusion),
        "may_check": chair.may(c.EnterCheck),
    }


_SCAN_WORDS = {
    ScanKind.PATIENT: (gettext_lazy("patient"), gettext_lazy("patient not scanned")),
    ScanKind.CONTAINER: (gettext_lazy("container"), gettext_lazy("container not scanned")),
    ScanKind.LINE: (gettext_lazy("line"), gettext_lazy("line not scanned")),
}


def _scans(chair: Chairside) -> tuple[tuple[str, str, str], ...]:
    """What is to be scanned here, by its word and the word while it is not, with the code that was read."""
    has_line = chair.state.access is not None and bool(chair.state.access.line)
    kinds = [kind for kind in ScanKind if kind is not ScanKind.LINE or has_line]
    return tuple(
        (str(word), str(unscanned), chair.state.scanned.get(kind.value, "")) for kind in kinds for word, unscanned in [_SCAN_WORDS[kind]]
    )


def _tells_nothing(finding: Finding) -> bool:
    """Whether a finding names no number and no code that the second person has to read alone."""
    return not any(isinstance(value, Quantity) or name in ("code", "container") for name, value in finding.params.items())


def _differed(chair: Chairside) -> tuple[str, ...]:
    """What the newest pair of checks differed in, by the words of the form; nothing while none has differed since the last agreement."""
    judged = (one.event for one in reversed(chair.ports.log.read(f"session/{chair.session}")))
    newest = next((event for event in judged if isinstance(event, e.ChecksDiffered | e.ChecksAgreed)), None)
    return tuple(str(CHECK_WORDS[name]) for name in newest.fields) if isinstance(newest, e.ChecksDiffered) else ()


def _is_multi(chair: Chairside) -> bool:
    return chair.protocol.delivery is Delivery.MULTI_SITE_INFUSION
