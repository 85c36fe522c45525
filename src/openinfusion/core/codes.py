"""Every code a finding may carry, with the names of its parameters, and every operation of a worked step, with the names of its inputs.

The catalogue of messages is written against these tables; they hold no text and decide nothing.
"""

from collections.abc import Mapping

from openinfusion.core.protocol import Measure, Strength

_RULE_CHOICE: Mapping[str, tuple[str, ...]] = {
    "no-such-rule": ("rule",),
    "rule-does-not-hold": ("rule",),
    "rule-unconfirmed": ("rule", "fields"),
    "rule-undecided": ("fields", "rules"),
    "several-rules": ("rules",),
    "choose-rule": ("rules",),
    "no-rule": (),
}

_MEASURES = tuple(measure.value.replace("_", "-") for measure in Measure)

CODES: Mapping[str, tuple[str, ...]] = {
    # the order as such
    "order.withdrawn": ("protocol",),
    "order.off-label": ("protocol",),
    "order.indication-missing": ("indications",),
    "order.indication-not-in-protocol": ("indication", "indications"),
    "order.product-not-chosen": ("products",),
    "order.product-not-in-protocol": ("product", "products"),
    "order.region-not-set": (),
    "order.diluent-not-in-protocol": ("diluent", "diluents"),
    "order.diluent-not-of-reconstitution": ("diluent", "reconstitution"),
    "order.reconstitution-not-in-protocol": ("reconstitution", "reconstitutions"),
    "order.impossible-count": ("field", "count"),
    "order.route-banned": ("route", "diluent"),
    # facts
    "fact.missing": ("field",),
    "fact.unknown": ("field",),
    "fact.stale": ("field", "at"),
    "fact.asked-at-start": ("field",),
    # screening
    "screen.allergy": ("ingredient",),
    "screen.contraindication": ("rule",),
    "screen.caution": ("rule",),
    "screen.general": ("rule",),
    "screen.stricter-region": ("rule",),
    "screen.not-asked": ("rule", "fields"),
    "screen.asked-at-start": ("rule", "fields"),
    "screen.unknown": ("rule", "fields"),
    # body
    "weight.not-a-mass": ("weight",),
    "weight.implausible": ("weight", "greatest"),
    "weight.in-pounds": ("weight", "kilograms"),
    "weight.pounds": ("weight", "previous", "at"),
    "weight.changed": ("weight", "previous", "at"),
    "height.implausible": ("height",),
    # dose and rate
    **{f"{area}.{reason}": names for area in ("dose", "rate") for reason, names in _RULE_CHOICE.items()},
    "dose.superseded": ("rule", "by"),
    "dose.capped": ("dose", "cap"),
    "dose.choose": ("low", "high"),
    "dose.outside-range": ("dose", "low", "high"),
    "dose.not-comparable": ("dose", "unit"),
    "dose.differs-from-rule": ("dose", "rule_dose"),
    "dose.interval-missing": ("per", "dose"),
    "dose.no-containers": ("dose",),
    "dose.rounds-to-nothing": ("dose", "step"),
    "dose.rounded-to-safe-side": ("dose", "rounded"),
    "preparation.volume-missing": ("field",),
    "preparation.volume-not-a-volume": ("volume",),
    "preparation.volume-too-small": ("volume", "drug_volume"),
    "preparation.concentration-missing": ("field",),
    "rate.stricter-rule": ("rules", "fields"),
    "rate.differs-from-rule": ("rate", "rule_rate"),
    "rate.not-comparable": ("rate", "unit"),
    "rate.choice-not-used": ("rate",),
    "rate.choose": ("low", "high"),
    "rate.outside-range": ("rate", "low", "high"),
    "rate.below-pump-step": ("rate", "step"),
    "rate.concentration-missing": ("rate",),
    # limits: <measure>.<above|below|off>-<hard|soft>-limit, and -window for a total in a span of time
    **{
        f"{measure}.{side}-{strength.value}-limit": ("value", "limit", "open")
        for measure in _MEASURES
        for side in ("above", "below", "off")
        for strength in Strength
    },
    **{
        f"{measure}.{side}-{strength.value}-window": ("value", "limit", "window", "after", "open")
        for measure in _MEASURES
        for side in ("above", "below", "off")
        for strength in Strength
    },
    "limit.may-apply": ("value", "limit", "window", "after", "fields"),
    "limit.not-comparable": ("measure", "limit", "fields"),
    "limit.reached-on-demand": ("limit", "window", "after"),
    # course and premedication
    "course.no-such-phase": ("phase",),
    "course.phase-does-not-hold": ("phase",),
    "course.phase-not-chosen": ("phases",),
    "course.number-open": ("fewest", "most"),
    "premedication.undecided": ("drug", "fields"),
    # signing a protocol
    "protocol.retired": ("protocol",),
    "protocol.signer-role": ("role",),
    "protocol.signer-is-author": ("person",),
    "protocol.signed-already": ("person",),
    "protocol.weak-figure": ("part", "rule", "figure", "tier"),
    # the bedside: signing an order, containers, gates of the start, rates, reactions
    "accept.no-finding": (),
    "accept.no-reason": ("finding",),
    "accept.no-way-through": ("finding", "level"),
    "accept.prescribers-only": ("finding",),
    "amount.uncertain": ("session",),
    "amount.uncertain-elsewhere": ("session",),
    "bolus.lockout": ("wait", "lockout"),
    "bolus.not-in-programme": (),
    "check.by-author": (),
    "check.not-agreed": ("container",),
    "check.witness-is-performer": (),
    "check.witness-is-preparer": (),
    "command.not-now": ("command", "status"),
    "container.code-used": ("code",),
    "container.expired": ("code", "expiry"),
    "container.no-content": ("code", "volume", "amount"),
    "container.not-of-this-session": ("code",),
    "container.not-scanned": ("code",),
    "container.other-preparer": ("preparer",),
    "container.pharmacist-prepares": (),
    "container.route-banned": ("code", "route"),
    "container.wrong-amount": ("code", "holds", "planned"),
    "container.wrong-concentration": ("code", "holds", "planned"),
    "container.wrong-drug": ("code", "drug", "planned"),
    "container.wrong-route": ("code", "container_route", "route"),
    "device.unknown-kind": ("device", "kind"),
    "injection.above-planned": ("volume", "left"),
    "injection.no-volume": ("volume",),
    "order.already-signed": (),
    "order.no-plan": ("protocol",),
    "order.no-such-session": ("number",),
    "order.not-awaiting": ("status",),
    "order.not-verified": ("status",),
    "order.reason-missing": ("finding",),
    "order.same-person": ("first", "second"),
    "premedication.not-given": ("drug",),
    "premedication.not-planned": ("id",),
    "premedication.too-early": ("drug", "from"),
    "protocol.not-active": ("protocol", "version"),
    "rate.above-allowed": ("rate", "allowed"),
    "rate.above-next-step": ("rate", "next"),
    "rate.at-maximum": ("rate", "running"),
    "rate.no-flow": ("rate",),
    "rate.not-higher": ("rate", "running"),
    "rate.not-observed": ("observations",),
    "rate.too-early": ("rate", "wait", "interval"),
    "reaction.held": (),
    "reaction.no-restart": ("action",),
    "reaction.none": (),
    "reaction.not-graded": (),
    "reaction.open": (),
    "reaction.second-missing": (),
    "sites.count": ("sites", "planned"),
    "sites.not-allowed": ("site", "allowed"),
    "start.access-missing": ("route",),
    "start.access-wrong-route": ("access_route", "route"),
    "start.consent-refused": (),
    "start.consent-unknown": (),
    "start.kit-incomplete": (),
    "start.kit-not-checked": (),
    "start.line-not-scanned": ("line",),
    "start.no-rate-planned": (),
    "start.not-first-rate": ("rate", "first"),
    "start.patient-not-scanned": (),
    "time.clock-suspect": ("told", "now"),
}

OPTIONAL = frozenset({"window", "after"})
"""Parameters that stand only where the rule has them."""

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "body.pounds": ("weight",),
    "body.mosteller": ("height", "weight"),
    "dose.flat": ("amount",),
    "dose.per-weight": ("amount", "weight"),
    "dose.per-surface": ("amount", "surface"),
    "dose.from-previous": ("previous", "every", "per", "factor"),
    "dose.chosen": ("chosen", "low", "high"),
    "dose.chosen-instead": ("chosen", "rule_dose"),
    "dose.cap": ("dose", "cap"),
    "dose.of-one-session": ("dose", "per", "every"),
    "dose.round": ("dose", "step"),
    "dose.round-containers": ("dose", "step"),
    "volume.from-concentration": ("dose", "concentration"),
    "volume.round": ("volume", "step"),
    "site.count": ("total", "per_site"),
    "rate.flow": ("rate", "concentration"),
    "rate.all-sites": ("per_site", "sites"),
    "rate.pump-step": ("rate",),
    "rate.duration": ("volume",),
    "rate.on-demand": ("bolus", "lockout", "window"),
}
