"""Block, sedation and pain: the names, worked lines and messages."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {
    "bromage": "Motor block, Bromage",
    "block-level": "Height of a block",
    "poss": "Sedation under opioids, POSS",
    "pain": "Pain, numeric rating",
    "flacc": "Pain by behaviour, FLACC",
}
STEPS: Mapping[str, str] = {
    "calc.flacc-total": "{face} + {legs} + {activity} + {cry} + {consolability}",
}
MESSAGES: Mapping[str, Message] = {
    "calc.bromage-no-leg-raise": Message(
        "The straight leg cannot be raised.", "", "In labour, or {recovered_by} after the last dose: call the anaesthetist."
    ),
    "calc.block-high": Message(
        "The block reaches {reached}, above T4 to cold.",
        "",
        "Stop the infusion, sit the patient up if that is tolerated, call the anaesthetist.",
    ),
    "calc.block-by": Message("The height was found by {method}.", "", "Compare only with heights that were found in the same way."),
    "calc.poss-licence": Message(
        "The wording of this scale is copyright Pasero and is not printed here.", "", "Judge the level by the licensed scale of the site."
    ),
}
