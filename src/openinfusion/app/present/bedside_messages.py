"""What is said at the bedside: the English sentences for every refusal of a session, and for every rule that a record broke."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

_NOT_STARTED = "Not started. Nothing has been given."
_NOT_RAISED = "The rate was not raised."
_NOT_RESUMED = "The flow still rests."
_NO_BOLUS = "No bolus was given."
_NOT_GIVEN = "Nothing was injected."
_NOT_CLOSED = "The session stays open."

BEDSIDE_MESSAGES: Mapping[str, Message] = {
    "accept.no-finding": Message(
        "No finding is named.", "Nothing was recorded.", "Choose the findings you accept and write a reason for each."
    ),
    "accept.no-reason": Message("Without a reason: {finding}.", "Nothing was recorded.", "Write why it is right to go on."),
    "accept.no-way-through": Message(
        "Nobody can go on in spite of this: {finding} ({level}).", "Nothing has been given.", "Change what it rests on, or do not give it."
    ),
    "accept.prescribers-only": Message(
        "Only two prescribers can go on in spite of this: {finding}.", "Nothing has been given.", "Call the prescriber."
    ),
    "amount.all-given": Message(
        "{given} are charted as given; {planned} are planned.",
        "No further dose is offered. Flush and emergency drugs are free.",
        "Complete the infusion; if less went in, settle the amount first.",
    ),
    "amount.uncertain": Message(
        "It is not certain how much went in during this session.",
        "No further dose is offered. Flush and emergency drugs are free.",
        "Settle the amount first.",
    ),
    "amount.uncertain-elsewhere": Message(
        "It is not certain how much of this drug went in during another session.",
        "No further dose is offered. Flush and emergency drugs are free.",
        "Settle the amount of {session} first.",
    ),
    "bolus.lockout": Message("The button rests for {lockout} after a bolus.", _NO_BOLUS, "Possible in {wait}."),
    "bolus.not-in-programme": Message(
        "This therapy has no bolus programme.", _NO_BOLUS, "Call the prescriber when the patient needs more."
    ),
    "bolus.window-full": Message(
        "With this bolus {value} would have gone in within {window}; the programme allows {limit}.",
        _NO_BOLUS,
        "Wait, or call the prescriber when the patient needs more.",
        {"after": "It would be too much {after} from now."},
    ),
    "check.by-author": Message("The person who ordered this cannot also check it.", _NOT_STARTED, "Ask a second nurse."),
    "check.not-agreed": Message(
        "Two persons have not yet checked {container} and agreed.", _NOT_STARTED, "Each person reads and enters their own values."
    ),
    "check.witness-is-performer": Message("One person did both checks.", _NOT_STARTED, "Ask a second nurse to check independently."),
    "check.witness-is-preparer": Message("The person who prepared this cannot also check it.", _NOT_STARTED, "Ask a second nurse."),
    "command.not-now": Message(
        "{command} is not possible while the session is {status}.",
        "Nothing was changed.",
        "Look at the stage of the session; it offers what can be done now.",
    ),
    "consent.not-given": Message(
        "There is no consent to go on.", "The flow is not raised or resumed.", "Ask the patient and record the answer; stop if it is no."
    ),
    "container.above-left": Message(
        "The container {code} holds {holds}; {left} are left of the plan.",
        "It was not hung.",
        "Ask for one that holds what is left; if less went in before, settle the amount first.",
    ),
    "container.code-used": Message(
        "The code {code} belongs to another container.", "It was not released.", "Print a new code for this one."
    ),
    "container.diluent-differs": Message(
        "The container is diluted with {diluent}; it may hold: {diluents}.", "It was not released.", "Set it aside and prepare a new one."
    ),
    "container.diluent-missing": Message(
        "With what the container is diluted is not told; it may hold: {diluents}.", "It was not released.", "Choose what is in it."
    ),
    "container.use-before-missing": Message(
        "Until when it may be used is not told; the sources reach to {latest} at most.",
        "It was not released.",
        "Write the moment that fits how it is kept.",
    ),
    "container.use-before-too-late": Message(
        "Use before {use_before} is later than the sources allow, {latest}.",
        "It was not released.",
        "Write an earlier moment, one that fits how it is kept.",
    ),
    "container.other-preparer": Message(
        "The preparer named is {preparer}, not you.", "It was not released.", "The person who prepared it releases it."
    ),
    "container.pharmacist-prepares": Message("A pharmacist prepares this therapy.", "It was not released.", "Ask the pharmacy."),
    "container.use-before-passed": Message(
        "The container {code} was to be used by {use_before}.",
        "The flow stays on hold.",
        "Ask the pharmacist whether this only meant its start, and write the reason; or hang a new container.",
    ),
    "container.expired": Message(
        "The container {code} may be used until {expiry}; that is over.", _NOT_STARTED, "Set it aside and ask for a new one."
    ),
    "container.no-content": Message(
        "The container {code} holds {amount} in {volume}; one of these is nothing.", "It was not released.", "Enter what it really holds."
    ),
    "container.not-of-this-session": Message(
        "The container {code} does not belong to this session.",
        _NOT_STARTED,
        "Set it aside; scan the container that was made for this patient.",
    ),
    "container.not-scanned": Message("The container {code} was not scanned.", _NOT_STARTED, "Scan the patient, then the container."),
    "container.route-banned": Message(
        "What the container {code} holds may never be given by the route {route}.",
        "Nothing has been given, and nobody can override this.",
        "Set it aside now.",
    ),
    "container.wrong-amount": Message(
        "The container {code} holds {holds}; planned is {planned}.", _NOT_STARTED, "Set it aside and ask the preparer."
    ),
    "container.wrong-concentration": Message(
        "The container {code} holds {holds}; planned is {planned}.", _NOT_STARTED, "Set it aside and ask the preparer."
    ),
    "container.wrong-drug": Message(
        "The container {code} holds {drug}; planned is {planned}.", _NOT_STARTED, "Set it aside now and ask the preparer."
    ),
    "container.wrong-route": Message(
        "The container {code} was made for the route {container_route}; here it would go {route}.",
        "Nothing has been given, and nobody can override this.",
        "Set it aside now. Look at which line you hold.",
    ),
    "device.in-use": Message(
        "{device} serves another session, {other}, which runs.",
        "It was not joined to this session.",
        "Take another device, or end the other session's flow first.",
    ),
    "device.unknown-kind": Message(
        "{device} is said to be a {kind}, which is no kind of device here.", "It was not joined to the session.", "Choose pump or monitor."
    ),
    "discharge.access-removed": Message("The access was neither removed nor locked.", _NOT_CLOSED, "Do it and tick it, or write a reason."),
    "discharge.contact-given": Message(
        "The patient was not told whom to call.", _NOT_CLOSED, "Give the contact and tick it, or write a reason."
    ),
    "discharge.ended": Message("The flow has not ended.", _NOT_CLOSED, "Stop or complete it first."),
    "discharge.leaflet-given": Message("The leaflet was not given.", _NOT_CLOSED, "Give it and tick it, or write a reason."),
    "discharge.nothing-open": Message(
        "A reaction, an alarm or a conflict is still open.", _NOT_CLOSED, "Settle it, or write a reason for each."
    ),
    "discharge.observed": Message(
        "The observation is not over; it lasts until {from}.", _NOT_CLOSED, "Keep the patient until then, or write a reason."
    ),
    "discharge.site-covered": Message("The site was not covered.", _NOT_CLOSED, "Cover it and tick it, or write a reason."),
    "discharge.stop-confirmed": Message(
        "Neither pump nor person confirmed that the flow has ended.", _NOT_CLOSED, "Look at the pump and state what the flow does."
    ),
    "discharge.teach-back": Message("The patient did not say back what to watch for.", _NOT_CLOSED, "Ask and tick it, or write a reason."),
    "discharge.volume-reconciled": Message(
        "The chart and the pump differ in how much went in.", _NOT_CLOSED, "Settle the amount with a reason."
    ),
    "injection.above-planned": Message(
        "{volume} is more than the {left} that is left of the order.", _NOT_GIVEN, "Give at most {left}, or ask for a new order."
    ),
    "injection.no-volume": Message("{volume} is no volume to inject.", _NOT_GIVEN, "Enter the volume in mL."),
    "order.same-drug": Message(
        "The same drug was begun on {at} by another order, in {session}.",
        _NOT_STARTED,
        "Look whether the drug was ordered twice; if both are meant, write why.",
    ),
    "order.session-begun": Message(
        "This number of the course was begun before, in {session}.",
        _NOT_STARTED,
        "Look at what was given there. Only two prescribers can decide to give it again.",
    ),
    "premedication.not-given": Message("{drug} was not given yet.", _NOT_STARTED, "Give it and chart it, or waive it with a reason."),
    "premedication.not-planned": Message("The plan has no premedication {id}.", "Nothing was recorded.", "Choose one of the plan."),
    "premedication.too-early": Message(
        "{drug} has not had its time yet.", _NOT_STARTED, "Possible from {from}; or waive it with a reason."
    ),
    "protocol.not-active": Message(
        "The protocol {protocol} {version} is not signed for use here.",
        _NOT_STARTED,
        "A prescriber and a pharmacist, neither its author, sign it first.",
    ),
    "protocol.retired": Message("The protocol {protocol} is retired.", "It stays readable.", "Use its successor."),
    "protocol.signed-already": Message("{person} has signed this content already.", "Nothing was signed.", "Another person signs."),
    "protocol.signer-is-author": Message("{person} is the author of this protocol.", "Nothing was signed.", "Two others sign."),
    "protocol.signer-role": Message(
        "The role {role} does not sign protocols.", "Nothing was signed.", "A prescriber and a pharmacist sign."
    ),
    "protocol.weak-figure": Message(
        "The {figure} of {part} {rule} rests on a source of tier {tier}.",
        "The protocol cannot become active.",
        "Find a better source, or take the figure out.",
    ),
    "rate.above-allowed": Message(
        "{rate} is above {allowed}, the most that is allowed now.", "The flow goes on as it was.", "Choose at most {allowed}."
    ),
    "rate.above-next-step": Message("{rate} is above the next step of the ladder, {next}.", _NOT_RAISED, "Go to {next} first."),
    "rate.at-maximum": Message("{running} is the last step of the ladder; {rate} is above it.", _NOT_RAISED, "Stay at {running}."),
    "rate.no-flow": Message("{rate} is no flow.", "Nothing was changed.", "Pause the flow instead, or enter a rate."),
    "rate.not-higher": Message(
        "{rate} is not above {running}, which runs now.", "The flow goes on as it was.", "Use Slow for a lower rate; it is never refused."
    ),
    "rate.not-observed": Message(
        "Not charted since the last change of rate: {observations}.", "The flow stays as it is.", "Take and chart them, then try again."
    ),
    "rate.too-early": Message(
        "Each step lasts {interval}; {wait} is left before {rate}.", _NOT_RAISED, "Wait, and take the observations meanwhile."
    ),
    "reaction.anaphylaxis-met": Message(
        "The reaction meets criteria of anaphylaxis: {rules}",
        "The flow is not raised or resumed.",
        "Treat it as anaphylaxis. If it was none, two prescribers write why before it goes on.",
    ),
    "reaction.earlier": Message(
        "The patient had a reaction to this drug before (grade: {grade}), in session {session}; the rule then: {action}.",
        "Nothing has been given.",
        "Read how it went. After one that ended the therapy for good only two prescribers can go on.",
    ),
    "reaction.held": Message(
        "The flow rests because of a reaction.", _NOT_RESUMED, "Grade it, wait until it is resolved, then use Resume after reaction."
    ),
    "reaction.no-restart": Message(
        "After this reaction the rule says: {action}.", "The flow stays ended.", "Do not restart; a prescriber decides on later sessions."
    ),
    "reaction.none": Message("No reaction was reported in this session.", "Nothing was changed.", "Use Resume."),
    "reaction.not-graded": Message(
        "The reaction has no grade yet.", _NOT_RESUMED, "Grade it; the protocol then says how fast it may go on."
    ),
    "reaction.open": Message(
        "The reaction is not resolved.", "The flow is not raised or resumed.", "Treat it; record when the signs are gone."
    ),
    "reaction.second-is-self": Message(
        "{person} restarts the flow and cannot also be the second person.",
        _NOT_RESUMED,
        "Somebody else looks at the patient and signs with their own name and password.",
    ),
    "reaction.second-missing": Message(
        "A restart after a reaction needs a second person here.", _NOT_RESUMED, "Ask a second nurse or the prescriber to sign too."
    ),
    "sites.count": Message("{sites} places are named; planned are {planned}.", _NOT_STARTED, "Name each place once."),
    "sites.not-allowed": Message("The place {site} is not one of this therapy: {allowed}.", _NOT_GIVEN, "Choose one of these."),
    "sites.gap-not-confirmed": Message(
        "Nobody has confirmed that the places are at least {gap} apart.",
        "Nothing was started or injected.",
        "Measure; move a needle that is too near; then tick that they are apart.",
    ),
    "sites.used-last": Message("Places of the session of {at}: {sites}.", "Nothing is held back.", "Choose other places today."),
    "sites.volume-above-hard": Message(
        "{value} is more than one injection at {site} takes; the most is {limit}.", _NOT_GIVEN, "Divide it between several places."
    ),
    "sites.volume-above-soft": Message(
        "{value} at {site} is above the usual {limit}.", _NOT_GIVEN, "Divide it between several places, or write why one place takes it."
    ),
    "sites.volume-not-stated": Message(
        "No source states how much {site} takes; {volume} would go in.", _NOT_GIVEN, "Choose a place with a stated volume, or write why."
    ),
    "sites.volume-undecided": Message("How much {site} takes is not known without: {fields}.", _NOT_GIVEN, "Find it out and enter it."),
    "start.access-missing": Message(
        "No access by the route {route} is charted.", _NOT_STARTED, "Chart the access, or assess the one that is there."
    ),
    "start.access-wrong-route": Message(
        "The access charted is {access_route}; the order is for {route}.",
        "Nothing has been given, and nobody can override this.",
        "Look at which line you hold.",
    ),
    "start.consent-refused": Message("The patient said no to this treatment.", _NOT_STARTED, "Do not start. Tell the prescriber."),
    "start.consent-unknown": Message("Consent is not recorded.", _NOT_STARTED, "Ask the patient and record the answer."),
    "start.kit-incomplete": Message("The emergency kit is not complete.", _NOT_STARTED, "Complete it and record the check."),
    "start.kit-not-checked": Message("The emergency kit was not checked.", _NOT_STARTED, "Look at the kit and the card, and record it."),
    "start.line-not-scanned": Message(
        "The line {line} was not scanned.", _NOT_STARTED, "Follow the line from container to patient, then scan it."
    ),
    "start.line-without-code": Message(
        "The access was charted without the code of its line.",
        _NOT_STARTED,
        "Label the line, chart its code with the access, then follow the line from container to patient and scan it.",
    ),
    "course.too-soon": Message(
        "By the plan of the course this session is due on {from}, counted from {session}.",
        _NOT_STARTED,
        "Wait until then, or write why it is right today.",
    ),
    "dose.differs-today": Message(
        "With the facts of today the rule gives {today}; planned are {planned}.",
        _NOT_STARTED,
        "Check the weight of today. If it is right, end this session as not done and plan it anew.",
    ),
    "start.no-dose-planned": Message(
        "The plan has no dose.", _NOT_STARTED, "Enter what was missing, end this session as not done and plan it anew."
    ),
    "start.no-rate-planned": Message("The plan has no rate.", _NOT_STARTED, "Ask the prescriber to complete the order."),
    "start.not-first-rate": Message("{rate} is not the first rate of the plan, {first}.", _NOT_STARTED, "Start at {first}."),
    "start.patient-not-scanned": Message("The patient's code was not scanned.", _NOT_STARTED, "Scan the wristband, or type its code."),
    "time.clock-suspect": Message(
        "The time told is {told}; the server's is {now}.", "Nothing was changed.", "Check the clock of this device, then try again."
    ),
}
"""Code -> what is said, for every code of a session or a protocol's signature."""

BROKEN: Mapping[str, Message] = {
    "access-route-differs": Message(
        "The access charted has another route than the order.",
        "Recorded. The start stays closed on this line.",
        "Look at which line you hold and correct the entry.",
    ),
    "already-ended": Message("The flow had ended already.", "Recorded.", "Look at the times and correct what is wrong."),
    "already-started": Message(
        "The session had begun already.", "Recorded; what was given stays charted.", "Look at the session and settle it."
    ),
    "before-last-change": Message(
        "The time told lies before the last change of the flow.",
        "Recorded with both times; the flow stays as it is.",
        "Look at the times and correct what is wrong.",
    ),
    "bounds-not-usable": Message(
        "The bounds of the amount are no volumes in order.", "Recorded; the amount stays uncertain.", "Enter the least and the most in mL."
    ),
    "check-by-author": Message(
        "The person who ordered it did the check.",
        "Recorded; it does not count.",
        "Somebody who did not order it enters their own values under their own name and password.",
    ),
    "clock-suspect": Message(
        "The time told is far from the server's.",
        "Recorded with both times, and kept out of what is true now.",
        "Check the time and correct the entry.",
    ),
    "consent-withdrawn": Message(
        "The patient took consent back after the start.", "Recorded.", "Stop if the patient wishes, and tell the prescriber."
    ),
    "container-expired": Message(
        "The container was past its time.",
        "Recorded. Nothing can be started from it.",
        "Set it aside and tell the pharmacist; if any of it flows, stop.",
    ),
    "container-not-of-this-session": Message(
        "The container does not belong to this session.",
        "Recorded. Nothing can be started from it.",
        "Set it aside; if any of it was given, stop and tell the prescriber.",
    ),
    "container-wrong-route": Message(
        "The container was made for another route.",
        "Recorded. Nothing can be started from it.",
        "Set it aside now; if any of it was given, stop and tell the prescriber.",
    ),
    "device-not-associated": Message(
        "The device does not belong to this session.",
        "Recorded, and kept out of what is true now.",
        "Look at which patient the device serves.",
    ),
    "diary-field-unknown": Message("The diary has a field that the therapy does not ask for.", "Recorded.", "Look at the entry."),
    "discharge-item-unknown": Message("The item is not one of discharge here.", "Recorded.", "Look at the entry."),
    "field-unknown": Message(
        "A fact has a field that the dictionary does not hold.", "Recorded; no rule uses it.", "Enter it under its right field."
    ),
    "flow-differs": Message("What was stated of the flow is not what was ordered.", "Recorded.", "Look at the pump and set it right."),
    "grade-out-of-scale": Message("The grade is outside its scale.", "Recorded as it came.", "Grade the reaction again, from 0 to 5."),
    "handed-to-nobody-else": Message(
        "The patient was handed over to nobody, or to the person who hands over.",
        "Recorded; the patient stays with whoever had them.",
        "Hand over to the person who takes over.",
    ),
    "kit-incomplete": Message("The emergency kit is not complete.", "Recorded.", "Complete it and record the check again."),
    "line-not-of-this-session": Message(
        "The line scanned does not belong to this session.",
        "Recorded. The start stays closed on it.",
        "Follow the line from container to patient, then scan it again.",
    ),
    "no-reaction-open": Message("No reaction was open.", "Recorded.", "Look at the entry; report a reaction first if there is one."),
    "no-such-alarm": Message("There is no such alarm.", "Recorded.", "Look at the alarms that are open."),
    "sound-pause-unset": Message(
        "No table says how long alarms may be silent.",
        "Recorded; the alarms go on to sound.",
        "Set the length of the pause in the alarm table.",
    ),
    "no-such-entry": Message("There is no such entry to correct.", "Recorded.", "Look at the entry that is meant."),
    "order-not-undone": Message(
        "The entry marked as wrong is an order to the flow; what it did stands.",
        "Recorded; the flow stays charted as before.",
        "State what the flow does now, and settle the amount.",
    ),
    "not-running": Message("The flow was not running.", "Recorded.", "Look at the times and correct what is wrong."),
    "not-started": Message("No start is charted.", "Recorded.", "Chart the start, or correct the entry."),
    "premedication-dose-differs": Message(
        "The dose of the premedication is not the planned one.",
        "Recorded as it was given.",
        "Look at what was given; correct the entry, or tell the prescriber.",
    ),
    "premedication-drug-differs": Message(
        "The premedication given is another than the planned one.",
        "Recorded as it was given.",
        "Look whether it serves the same purpose; if not, tell the prescriber before the start.",
    ),
    "premedication-not-planned": Message("The premedication is not in the plan.", "Recorded.", "Tell the prescriber."),
    "premedication-route-differs": Message(
        "The premedication went in by another route than planned.", "Recorded as it was given.", "Tell the prescriber before the start."
    ),
    "pump-rate-not-a-flow": Message("The pump told a rate that is no flow.", "Recorded as it came.", "Look at the pump."),
    "pump-state-unknown": Message(
        "The pump sent a state that the program does not know.", "Recorded as it came.", "Look at the pump and state what the flow does."
    ),
    "rate-differs": Message("The rate stated is not the ordered one.", "Recorded.", "Look at the pump and set it right."),
    "rate-no-flow": Message("The rate told is no flow.", "Recorded; the flow stays charted as before.", "Enter the rate again, or pause."),
    "rate-not-lower": Message(
        "The rate told to slow to is not lower.", "Recorded; the flow stays charted as before.", "Enter the rate again."
    ),
    "rate-of-nothing": Message("A rate of nothing was told.", "Recorded as a pause.", "Resume, or stop for today."),
    "second-person-required": Message(
        "This therapy needs a second person, and none was there.", "Recorded. The start stays closed.", "Ask a second nurse."
    ),
    "session-closed": Message("The session was closed already.", "Recorded.", "Look at the entry; it may belong to another session."),
    "site-not-allowed": Message("The place is not one of this therapy.", "Recorded.", "Look at the place; choose another for the start."),
    "volume-differs": Message(
        "All of it is said to be in, and the chart says another volume.",
        "Recorded; the amount is uncertain.",
        "Weigh or read what is left, and settle the amount.",
    ),
    "volume-not-positive": Message("The volume told is nothing or less.", "Recorded; no amount counts it.", "Enter the volume again."),
    "volume-unit": Message("The volume told is not a volume.", "Recorded; no amount counts it.", "Enter the volume in mL."),
    "witness-is-performer": Message(
        "One person did both checks.",
        "Recorded; the second does not count.",
        "Somebody else, who neither ordered nor prepared it, enters their own values under their own name and password.",
    ),
    "witness-is-preparer": Message(
        "The person who prepared it did the second check.",
        "Recorded; it does not count.",
        "Somebody who neither ordered nor prepared it enters their own values under their own name and password.",
    ),
    "wrong-patient": Message(
        "The code scanned is not of this patient.", "Recorded. Nothing was started.", "Look at the wristband, and open the right patient."
    ),
}
"""The rule that a record broke -> what is said in its review task."""
