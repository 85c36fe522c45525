"""What is said about levels, fits and computed doses: what is true, that nothing is given by it, and what to do. No number stands here."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

_NO_CURVE = "Nothing was computed."
_NO_FIT = "Nothing was fitted, and no dose follows."
_NO_DOSE = "No dose is proposed."
_NOT_BELIEVED = "The fit is shown, but no dose is proposed by it."

_TOLD: Mapping[str, Message] = {
    "pk.unreadable": Message("“{text}” is not a number with a unit ({field}).", _NO_CURVE, "Write it like 12 h or 14.8 mg/L."),
    "pk.unit-missing": Message("“{text}” has no unit ({field}).", _NO_CURVE, "Write the unit.", {"expected": "It is in {expected}."}),
    "pk.wrong-unit": Message("{given} is of another kind than {field} is measured in.", _NO_CURVE, "Write it in {expected}."),
    "pk.not-a-number": Message("There is no number for {field}.", _NO_CURVE, "Enter it, or leave it out."),
    "pk.not-above-zero": Message("The {field} is {given}.", _NO_CURVE, "Enter more than nothing."),
    "pk.below-zero": Message("The {field} is {given}, below nothing.", _NO_CURVE, "Enter nothing or more."),
    "pk.impossible-number": Message("{n} is no number of times or patients.", _NO_CURVE, "Enter a whole number of at least one."),
    "pk.impossible-parameter": Message(
        "The model's {parameter} comes to {value}, which cannot be ({count} patients).", _NO_CURVE, "Check the facts of the patient."
    ),
}
_PATIENT: Mapping[str, Message] = {
    "pk.covariate-missing": Message("The model {model} needs {covariate}.", _NO_CURVE, "Enter it."),
    "pk.covariate-unknown": Message(
        "The model {model} does not use {covariate}.", _NO_CURVE, "Leave it out, or check its name.", {"known": "It uses {known}."}
    ),
    "pk.covariate-count": Message(
        "{covariate} has {given} values for {expected} patients.", _NO_CURVE, "Give one for all, or one for each patient."
    ),
    "pk.covariate-outside-domain": Message(
        "{covariate} is {value}: the model {model} was not built on such patients ({count} here).",
        _NO_CURVE,
        "Check the value; if it is right, use another model or none.",
    ),
    "pk.impossible-spread": Message(
        "Nothing lies between {low} and {high}.", _NO_CURVE, "Put the lower end first, and a standard deviation above nothing."
    ),
    "pk.impossible-shares": Message(
        "The values {values} do not have one share each.", _NO_CURVE, "Give as many shares as values, none below nothing."
    ),
    "pk.body-unknown": Message("The model {model} does not say what a dose per {per} is multiplied by.", _NO_CURVE, "Give the whole dose."),
    "pk.unknown-between": Message("“{word}” is no rule between two measurements.", _NO_CURVE, "Write locf or nocb."),
    "pk.unordered-occasions": Message("The occasions do not follow one another.", _NO_CURVE, "Put their beginnings in order."),
    "pk.unordered-times": Message("The times of {field} do not follow one another.", _NO_CURVE, "Put them in order."),
}
_GIVEN: Mapping[str, Message] = {
    "pk.unknown-route": Message("“{route}” is no route.", _NO_CURVE, "Write IV, EPIDURAL, IM, SC or ORAL."),
    "pk.route-not-in-model": Message("The model {model} knows nothing of the route {route}.", _NO_CURVE, "Use a model that does, or none."),
    "pk.interval-missing": Message("A number of doses has no interval.", _NO_CURVE, "Say how often."),
    "pk.number-missing": Message("Repeated doses have no number.", _NO_CURVE, "Say how many."),
    "pk.stop-before-start": Message("It stops at {stop} and starts at {start}.", _NO_CURVE, "Put the end behind the beginning."),
    "pk.flow-into-even-uptake": Message(
        "The route {route} takes up a dose at an even rate; a flow into it has no meaning.", _NO_CURVE, "Give it as single doses."
    ),
    "pk.no-model-of-protocol": Message(
        "No model of {drug} by the route {route} of {protocol} has a source that was read.",
        _NO_CURVE,
        "Name a model of your own, or none.",
        {"reason": "What was looked for: {reason}"},
    ),
    "pk.doses-not-known": Message(
        "The doses of {protocol} are not known beforehand as amounts of the drug.", _NO_CURVE, "Write the regimen in the request."
    ),
    "pk.no-times": Message("There are no times to compute for.", _NO_CURVE, "Give at least one."),
    "pk.time-out-of-bounds": Message("The {field} is {given}, not between {low} and {high}.", _NO_CURVE, "Check the number and its unit."),
    "pk.too-many-times": Message("There are more than {most} times.", _NO_CURVE, "Take a wider step."),
    "pk.before-state": Message("A time lies before the state from which it goes on.", _NO_CURVE, "Ask for later times."),
    "pk.before-steady-state": Message("A time lies before the steady state that was told.", _NO_CURVE, "Ask for later times."),
    "pk.state-of-another-model": Message("The state is not one of the model {model}.", _NO_CURVE, "Go on from a state of the same model."),
    "pk.several-steady-states": Message(
        "Several doses are told as steady, which the model {model} cannot take together.", _NO_CURVE, "Tell one of them as steady."
    ),
    "pk.no-steady-state": Message(
        "More is given than the model {model} can eliminate: the level rises for ever.", _NO_CURVE, "Lower the dose, or leave out steady."
    ),
    "pk.no-effect-site": Message("The model {model} has no effect site.", _NO_CURVE, "Ask for the level in plasma."),
    "pk.not-compiled": Message("The compiled computation cannot be used here ({why}).", "The results are the same, later."),
}
_RECORD: Mapping[str, Message] = {
    "pk.amount-uncertain": Message(
        "The record is in doubt about an amount.", "The curve takes what was charted.", "Settle the amount before a dose rests on it."
    ),
    "pk.container-unknown": Message("The record names a container {code} that it does not describe.", _NO_CURVE, "Complete the record."),
    "pk.container-without-concentration": Message(
        "It is not known how much drug the container {code} holds in a volume.", _NO_CURVE, "Complete the record."
    ),
    "pk.several-drugs": Message("The record holds several drugs: {drugs}.", _NO_CURVE, "Say which one is meant."),
}
_LEVELS: Mapping[str, Message] = {
    "pk.no-samples": Message("There is no level to fit to.", _NO_FIT, "Enter at least one."),
    "pk.no-doses": Message("There is no dose from which the levels could come.", _NO_FIT, "Enter what was given."),
    "pk.impossible-levels": Message(
        "{low} and {high} are no lower and upper end of a band.", _NO_CURVE, "Write shares between 0 and 1, the lower one first."
    ),
    "pk.unordered-samples": Message("A level of {time} stands behind one of {before}.", _NO_FIT, "Check the times, and put them in order."),
    "pk.sample-before-dose": Message(
        "A level was taken at {time}, not after the first dose at {first_dose}.",
        _NO_FIT,
        "Check both times; a level at the time of a dose is before it.",
    ),
    "pk.limit-of-quantification-missing": Message(
        "A level is below quantification, and the limit is not told.",
        _NO_FIT,
        "Enter the laboratory's limit, or write the level like <0.5 mg/L.",
    ),
    "pk.no-variability": Message(
        "The model {model} does not say how patients differ.",
        "It has no bands, fits nobody and doses nobody.",
        "Use its typical curve, or another model.",
    ),
    "pk.no-residual-error": Message(
        "The model {model} does not say how exact a level is.",
        "It fits nobody and doses nobody.",
        "Use its typical curve, or another model.",
    ),
    "pk.typical-only": Message(
        "The model {model} is shipped for its typical curve only.",
        "It has no bands, fits nobody and doses nobody.",
        "Use another model for this.",
    ),
    "pk.singular-omega": Message(
        "The variances of the model {model} contradict one another.", _NO_FIT, "Correct the model, or use another."
    ),
    "pk.samples-impossible": Message(
        "The model {model} cannot have led to these levels at all.", _NO_FIT, "Check times, doses, route and units of the levels."
    ),
    "pk.fit-not-settled": Message(
        "The search for this patient in the model {model} did not come to rest.",
        _NOT_BELIEVED,
        "Check times and levels; take a further level.",
    ),
    "pk.far-from-population": Message(
        "{parameter} lies {deviations} standard deviations from the typical patient, more than {most}.",
        _NOT_BELIEVED,
        "Check doses, times and levels; the model may not suit this patient.",
    ),
    "pk.far-from-prediction": Message(
        "The level {measured} at {time} lies {deviations} standard deviations from the expected {predicted}, more than {most}.",
        _NOT_BELIEVED,
        "Check the time of the sample and from where it was drawn; repeat it.",
    ),
    "pk.several-fits": Message(
        "The levels fit two different patients of the model {model} nearly as well.",
        "The more probable one is shown.",
        "Take a further level.",
    ),
    "pk.draws-too-alike": Message(
        "The uncertainty of this fit is itself uncertain.", "Bands and probabilities are rough.", "Take a further level."
    ),
}
_DOSE: Mapping[str, Message] = {
    "pk.target-outside-range": Message("The target {target} lies outside its range of {low} to {high}.", _NO_DOSE, "Correct one of them."),
    "pk.target-without-range": Message("The target {target} has no range.", "No probability follows.", "Enter its lower or upper end."),
    "pk.residual-above-target": Message(
        "Earlier doses alone lead to {reached}; the target is {target}.", _NO_DOSE, "Wait before the next dose, or judge the target later."
    ),
    "pk.no-response": Message(
        "No dose changes what the target {target} looks at ({reached}).", _NO_DOSE, "Look later than the start of the dose."
    ),
    "pk.target-out-of-reach": Message("No dose reaches {target}; the most is {reached}.", _NO_DOSE, "Change the target or the interval."),
    "pk.target-missed": Message(
        "What can be given leads to {achieved}; the range is {low} to {high}.",
        "The proposal is shown as it is.",
        "Change the interval, the duration or the portions, or accept it with a reason.",
    ),
    "pk.rounds-to-nothing": Message(
        "The dose {dose} is less than half of the smallest portion {step}.", _NO_DOSE, "Use smaller portions, or a longer interval."
    ),
    "pk.limits-leave-no-dose": Message(
        "The limits allow no dose of this kind ({dose} was wanted, in portions of {step}).", _NO_DOSE, "Change what the limits name."
    ),
    "pk.lowered-to-limit": Message(
        "{dose} would pass a limit ({limits}).", "The proposal was lowered to {lowered}.", "Accept what that reaches, or change the plan."
    ),
    "pk.limits-of-another-drug": Message(
        "The limits of {protocol} were not written for {drug}.", "They were kept all the same.", "Choose the protocol of this drug."
    ),
    "pk.limits-of-another-route": Message(
        "The limits of {protocol} were not written for the route {route}.",
        "They were kept all the same.",
        "Choose the protocol of this route.",
    ),
    "pk.pharmacist-proposes": Message(
        "A dose by levels is proposed by a pharmacist; your role is {role}.", "Nothing was proposed.", "Ask a pharmacist."
    ),
    "pk.prescriber-signs": Message(
        "A proposed dose is signed by a prescriber, or by a pharmacist under a signed collaborative protocol; your role is {role}.",
        "It is still a proposal.",
        "Ask a prescriber.",
    ),
    "pk.already-signed": Message("This proposal was signed by {by}.", "Nothing was changed."),
}
_INSULIN: Mapping[str, Message] = {
    "pk.insulin-curve-times": Message("The times of the action curve are no times above zero.", _NO_CURVE, "Correct them."),
    "pk.insulin-peak-too-late": Message(
        "The peak of the action curve lies in the second half of its duration.", _NO_CURVE, "Correct the peak or the duration."
    ),
    "pk.insulin-amount": Message("Dose {number} is no amount.", _NO_CURVE, "Correct it."),
    "pk.insulin-times": Message("The times of dose {number} cannot be.", _NO_CURVE, "Correct them."),
    "pk.insulin-asked-time": Message("A time that is asked for cannot be.", _NO_CURVE, "Correct it."),
}
_CONTROLLED: Mapping[str, Message] = {
    "pk.tci-simulation-only": Message("This is a simulation for teaching.", "No pump is driven by it."),
    "pk.tci-rate-limited": Message(
        "From {first} on the rate is held at the greatest {greatest} per hour, for {steps} steps.",
        "The target is reached later.",
        "Raise the greatest rate, or lower the target.",
    ),
    "pk.tci-not-linear": Message("The model {model} is not linear.", _NO_CURVE, "Use a linear one."),
    "pk.tci-one-patient": Message("Rates are computed for one patient at a time.", _NO_CURVE, "Choose one."),
    "pk.tci-no-effect-site": Message("The model has no effect site.", _NO_CURVE, "Aim at the level in plasma."),
    "pk.tci-unknown-site": Message("“{word}” is no site.", _NO_CURVE, "Write plasma or effect."),
    "pk.tci-target": Message("Target {number} is no level from a time on.", _NO_CURVE, "Correct it."),
    "pk.tci-target-order": Message("Target {number} does not follow the one before it.", _NO_CURVE, "Put them in order."),
    "pk.tci-no-target": Message("There is no target.", _NO_CURVE, "Give at least one."),
    "pk.tci-greatest-rate": Message("The greatest rate is none.", _NO_CURVE, "Enter what the pump can do."),
    "pk.tci-duration": Message("The duration is none.", _NO_CURVE, "Enter how long to compute."),
}

KINETICS_MESSAGES: Mapping[str, Message] = {
    **_TOLD,
    **_PATIENT,
    **_GIVEN,
    **_RECORD,
    **_LEVELS,
    **_DOSE,
    **_INSULIN,
    **_CONTROLLED,
}
