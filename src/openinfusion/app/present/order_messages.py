"""What is said of an order: the English sentences for every finding of screening, dose, rate, limits and course. No number stands here."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message
from openinfusion.core.protocol import Measure, Strength

_AS_ENTERED = "The dose shown uses it as entered; nobody signs or starts on it without a reason."
_NO_DOSE = "No dose is worked out."
_NO_RATE = "No rate is worked out."
_UNCHANGED = "Nothing was changed."

_ORDER: Mapping[str, Message] = {
    "order.withdrawn": Message(
        "The therapy {protocol} was withdrawn by the regulator.",
        "It cannot be ordered; earlier records stay readable.",
        "Choose another therapy.",
    ),
    "order.off-label": Message("The therapy {protocol} is used outside its label.", "", "Say so to the patient before consent."),
    "order.indication-missing": Message("No indication is chosen.", _NO_DOSE, "Choose one: {indications}."),
    "order.indication-not-in-protocol": Message(
        "The indication {indication} is not in this protocol.", "It holds for: {indications}.", "Choose one of these, or another protocol."
    ),
    "order.product-not-chosen": Message(
        "No product is chosen.", "The strictest rule of all products holds.", "Choose the product when it is known: {products}."
    ),
    "order.product-not-in-protocol": Message(
        "The product {product} is not in this protocol.", "It holds for: {products}.", "Choose one of these, or another protocol."
    ),
    "order.region-not-set": Message(
        "No region is set.", "The stricter rule holds where regions differ.", "Set the region of the site to use its own rules."
    ),
    "order.diluent-not-in-protocol": Message("The diluent {diluent} is not in this protocol.", "", "Use one of: {diluents}."),
    "order.diluent-not-of-reconstitution": Message(
        "The order names the diluent {diluent}, but the way to dissolve, {reconstitution}, uses another.",
        "Nobody can override this.",
        "Make both agree.",
    ),
    "order.reconstitution-not-in-protocol": Message(
        "The way to dissolve, {reconstitution}, is not in this protocol.",
        "No volume is worked out from it.",
        "Use one of: {reconstitutions}.",
    ),
    "order.impossible-count": Message(
        "{field} cannot be {count}.", "Neither a dose nor a rate is worked out.", "Enter a whole number from 1 on that fits this patient."
    ),
    "order.route-banned": Message(
        "This preparation may never be given by the route {route}.",
        "Nobody can override this.",
        "Choose another route or preparation.",
        {"diluent": "It holds for the diluent {diluent}."},
    ),
    "order.already-signed": Message("This order is signed already.", _UNCHANGED, "Open it; cancel it to order anew."),
    "order.no-plan": Message("The plan of {protocol} is not complete.", "Nothing was ordered.", "Settle the findings above, then sign."),
    "order.no-such-session": Message("The order has no session {number}.", _UNCHANGED, "Choose a session of the order's course."),
    "order.not-awaiting": Message(
        "The order is {status} and does not wait for this.", _UNCHANGED, "Open the order and look at where it stands."
    ),
    "order.not-verified": Message(
        "The order is {status}, not verified by a pharmacist.", "Nothing has been given.", "Ask the pharmacist to verify it."
    ),
    "order.reason-missing": Message(
        "The finding {finding} has no reason.", "Nothing was signed.", "Write why it is right to go on, or change the order."
    ),
    "order.same-person": Message(
        "You {first} or co-signed this yourself and cannot also {second} it.",
        "Nothing was signed.",
        "Another person signs in under their own name, reads the order and decides.",
    ),
    "fact.missing": Message("Not known: {field}.", "What depends on it is not worked out.", "Find it out and enter it."),
    "fact.unknown": Message("Asked and not known: {field}.", "Unknown is never taken for harmless.", "Find it out before going on."),
    "fact.stale": Message("Too old: {field}, of {at}.", "It is not used.", "Take it again and enter it."),
    "fact.asked-at-start": Message("Asked on the day: {field}.", "", "It is entered at check-in."),
    "screen.allergy": Message(
        "The patient is recorded as allergic to {ingredient}.",
        "It must not be given as it stands.",
        "Clear the allergy up, or choose another therapy.",
    ),
    "screen.contraindication": Message(
        "A contraindication of this therapy holds: {rule}", "", "Choose another therapy; going on needs two prescribers and a reason."
    ),
    "screen.caution": Message("A caution of this therapy holds: {rule}", "", "Weigh it, and write why it is right to go on."),
    "screen.general": Message("A rule for every therapy holds: {rule}", "", "Weigh it, and write why it is right to go on."),
    "screen.stricter-region": Message(
        "A rule of one region holds while no region is set: {rule}", "The stricter rule is used.", "Set the region of the site."
    ),
    "screen.not-asked": Message("Not asked: {fields}. It bears on: {rule}", "", "Ask when there is time."),
    "screen.asked-at-start": Message("Asked on the day: {fields}. It decides: {rule}", "", "It is entered at check-in."),
    "screen.unknown": Message(
        "Not known: {fields}. It decides: {rule}", "Unknown is never taken for harmless.", "Find it out and enter it."
    ),
    "weight.not-a-mass": Message("The weight {weight} is not a mass.", _NO_DOSE, "Enter it in kilograms."),
    "weight.implausible": Message(
        "The weight {weight} is above {greatest}, the most that is plausible.", _NO_DOSE, "Weigh again and enter it in kilograms."
    ),
    "weight.in-pounds": Message(
        "The weight was given in pounds: {weight} is {kilograms}.", "The kilograms are used.", "Check that it was pounds."
    ),
    "weight.pounds": Message(
        "The weight {weight} against {previous} of {at} looks like pounds taken for kilograms.",
        _AS_ENTERED,
        "Weigh again; enter kilograms, or say that it is pounds.",
    ),
    "weight.changed": Message(
        "The weight changed from {previous} of {at} to {weight}.", _AS_ENTERED, "Weigh again, or write why it is right."
    ),
    "height.implausible": Message(
        "The height {height} is not plausible: it must be above 0 and at most {greatest}.",
        _NO_DOSE,
        "Measure again and enter it in centimetres.",
    ),
    "surface.implausible": Message(
        "The body surface {surface} is above {greatest}.", "", "Check weight and height; write why they are right, or enter them again."
    ),
}

_DOSE_AND_RATE: Mapping[str, Message] = {
    "dose.superseded": Message("The dose rule {rule} was replaced by {by}.", "", "Choose {by}, or write why the older one is right."),
    "dose.capped": Message(
        "By the rule the dose would be {dose}; the protocol lets it reach {cap}.", "The dose is {cap}.", "Check that this is meant."
    ),
    "dose.above-cap": Message("The dose {dose} is above {cap}, the most of this rule.", "", "Order less, or ask a second prescriber."),
    "dose.choose": Message("The protocol gives a range, {low} to {high}.", _NO_DOSE, "A prescriber chooses a dose inside it."),
    "dose.outside-range": Message("The dose {dose} lies outside the range {low} to {high}.", _UNCHANGED, "Choose a dose inside the range."),
    "dose.not-comparable": Message("The dose {dose} cannot be compared with a rule in {unit}.", _NO_DOSE, "Enter the dose in {unit}."),
    "dose.differs-from-rule": Message(
        "The dose {dose} was chosen; the rule gives {rule_dose}.", "", "Check that this is meant, and write why."
    ),
    "dose.interval-missing": Message(
        "The dose {dose} is for {per}, and no interval between sessions is set.", _NO_DOSE, "Choose the interval."
    ),
    "dose.no-containers": Message(
        "No container size is known for {dose}.", "The dose is not rounded.", "Choose a product, or do not round to whole containers."
    ),
    "dose.rounds-to-nothing": Message(
        "The dose {dose} is smaller than the step {step} in which it can be prepared.", _NO_DOSE, "Choose another preparation."
    ),
    "dose.rounded-to-safe-side": Message(
        "Rounded to the nearest, {dose} would pass a limit.", "It is rounded to {rounded}.", "Check that this is enough."
    ),
    "preparation.volume-missing": Message("Not set: {field}.", _NO_RATE, "Enter the volume of the prepared infusion."),
    "preparation.volume-not-a-volume": Message("{volume} is not a volume.", _NO_RATE, "Enter the volume in mL."),
    "preparation.volume-too-small": Message(
        "The final volume {volume} is less than the volume of the drug, {drug_volume}.",
        _NO_RATE,
        "Enter the final volume, drug and diluent together.",
    ),
    "preparation.concentration-missing": Message(
        "Not known: {field}, and so the concentration.", _NO_RATE, "Choose the product or the way it is dissolved."
    ),
    "rate.stricter-rule": Message(
        "More than one rate rule may hold ({rules}) while {fields} is open.", "The slowest is used.", "Settle {fields} to use its own rate."
    ),
    "rate.differs-from-rule": Message(
        "The rate {rate} was chosen; the rule gives {rule_rate}.", "", "Check that this is meant, and write why."
    ),
    "rate.not-comparable": Message("The rate {rate} cannot be compared with a rule in {unit}.", _NO_RATE, "Enter the rate in {unit}."),
    "rate.choice-not-used": Message(
        "The rate {rate} was chosen, and this therapy has no rate to choose.", "It is not used.", "Leave the rate empty."
    ),
    "rate.choose": Message("The protocol gives a range, {low} to {high}.", _NO_RATE, "A prescriber chooses a rate inside it."),
    "rate.outside-range": Message("The rate {rate} lies outside the range {low} to {high}.", _UNCHANGED, "Choose a rate inside the range."),
    "rate.below-pump-step": Message(
        "The rate {rate} is below {step}, the smallest step of the pump.", _NO_RATE, "Choose a more dilute preparation, or another pump."
    ),
    "rate.too-many-portions": Message(
        "{volume} in portions of {increment} are more than {most} portions.", _NO_RATE, "Check the volume and the concentration."
    ),
    "rate.concentration-missing": Message(
        "Without a concentration the rate {rate} is no flow.", _NO_RATE, "Enter the volume of the prepared infusion."
    ),
    "course.no-such-phase": Message("The protocol has no phase {phase}.", "No course is worked out.", "Choose a phase of the protocol."),
    "course.phase-does-not-hold": Message(
        "The phase {phase} does not hold for this patient.", "", "Choose another phase, or write why it is right."
    ),
    "course.phase-not-chosen": Message("Several phases are possible: {phases}.", "No course is worked out.", "Choose one."),
    "course.number-open": Message("The number of sessions is open: {fewest} to {most}.", "", "A prescriber decides as the course goes on."),
    "premedication.undecided": Message(
        "Whether {drug} is given before depends on {fields}, which is not known.", "", "Find it out, then decide."
    ),
    "limit.may-apply": Message(
        "The value {value} is beyond a limit of {limit} that may hold; {fields} decides.",
        _UNCHANGED,
        "Find it out.",
        {"window": "The limit is for any {window}.", "after": "It would be passed {after} after the start."},
    ),
    "limit.not-comparable": Message(
        "The {measure} cannot be compared with the limit of {limit}.", _UNCHANGED, "Enter what is missing: {fields}."
    ),
    "limit.reached-on-demand": Message(
        "If the patient asks as often as allowed, the limit of {limit} in {window} is reached after {after}.",
        "The programme gives no more than the limit.",
        "Tell the patient and plan what follows.",
    ),
}

_RULE_CHOICE: Mapping[str, Message] = {
    "no-such-rule": Message("The protocol has no {area} rule {rule}.", "Nothing is worked out.", "Choose a rule of the protocol."),
    "rule-does-not-hold": Message(
        "The {area} rule {rule} does not hold for this patient.", "", "Choose another, or two prescribers write why it is right."
    ),
    "rule-unconfirmed": Message(
        "Whether the {area} rule {rule} holds depends on {fields}, which is not known.", "", "Find it out and enter it."
    ),
    "rule-undecided": Message(
        "Which {area} rule holds depends on {fields}; possible are {rules}.", "No {area} is worked out.", "Find it out and enter it."
    ),
    "several-rules": Message("Several {area} rules hold at once: {rules}.", "No {area} is worked out.", "A prescriber chooses one."),
    "choose-rule": Message("No {area} rule holds by itself.", "No {area} is worked out.", "A prescriber chooses one of: {rules}."),
    "no-rule": Message(
        "The protocol has no {area} rule for this patient.", "No {area} is worked out.", "Choose another protocol, or ask a pharmacist."
    ),
}

_MEASURES: Mapping[Measure, str] = {
    Measure.DOSE: "dose",
    Measure.DOSE_PER_MASS: "dose for this weight",
    Measure.DOSE_PER_AREA: "dose for this body surface",
    Measure.DOSE_PER_SITE: "dose in one place",
    Measure.DOSE_RATE: "dose rate",
    Measure.RATE: "rate",
    Measure.RATE_PER_SITE: "rate in one place",
    Measure.VOLUME: "volume",
    Measure.VOLUME_PER_SITE: "volume in one place",
    Measure.CONCENTRATION: "concentration",
    Measure.DURATION: "duration",
    Measure.INTERVAL: "interval",
    Measure.SITES: "number of places",
    Measure.SITE_GAP: "distance between places",
    Measure.AGE: "age",
    Measure.BOLUS: "bolus",
    Measure.RATE_CHANGE: "rise of the rate",
}

_SIDES: Mapping[str, tuple[str, str]] = {"above": ("is above", "at most"), "below": ("is below", "at least"), "off": ("is not", "exactly")}
_BY: Mapping[Strength, tuple[str, str]] = {
    Strength.HARD: ("Nothing was changed, and nobody can pass this limit.", "It must be {bound} {{limit}}."),
    Strength.SOFT: (_UNCHANGED, "Make it {bound} {{limit}}, or write why it is right."),
}
_ALSO = {
    "open": "The strictest rule is used while this is open: {open}.",
    "binds": "Of the limits that are passed, this one decides.",
}


def _limit(measure: Measure, side: str, strength: Strength) -> Message:
    stands, bound = _SIDES[side]
    safe, do = _BY[strength]
    return Message(f"The {_MEASURES[measure]}, {{value}}, {stands} the limit of {{limit}}.", safe, do.format(bound=bound), _ALSO)


def _window(measure: Measure, side: str, strength: Strength) -> Message:
    one = _limit(measure, side, strength)
    stands, _ = _SIDES[side]
    true = f"Over {{window}}, the {_MEASURES[measure]} comes to {{value}}, which {stands} the limit of {{limit}}."
    return Message(true, one.safe, one.do, {"after": "This would be {after} after the start.", **one.extras})


def _kebab(measure: Measure) -> str:
    return measure.value.replace("_", "-")


def _chosen(message: Message, area: str) -> Message:
    true, safe, do = (text.replace("{area}", area) for text in (message.true, message.safe, message.do))
    return Message(true, safe, do)


ORDER_MESSAGES: Mapping[str, Message] = {
    **_ORDER,
    **_DOSE_AND_RATE,
    **{f"{area}.{reason}": _chosen(message, area) for area in ("dose", "rate") for reason, message in _RULE_CHOICE.items()},
    **{f"{_kebab(m)}.{side}-{s.value}-limit": _limit(m, side, s) for m in Measure for side in _SIDES for s in Strength},
    **{f"{_kebab(m)}.{side}-{s.value}-window": _window(m, side, s) for m in Measure for side in _SIDES for s in Strength},
}
"""Code -> what is said, for every code of an order."""
