"""Where the formulas of the calculators come from: for each the document that was read first, then the original paper.

An original that was not read has tier U, so that it never makes a formula look better founded than it is. No number stands here.
"""

from openinfusion.core.figure import Source, Tier

Sources = tuple[Source, ...]


def _read(cite: str, at: str, tier: Tier) -> Source:
    return Source(cite=cite, at=at, tier=tier)


def _unread(cite: str, at: str) -> Source:
    return Source(cite=cite, at=f"{at} (original, not read)", tier=Tier.U)


# flow and drops
FLOW: Sources = (
    _read("htuse-drip-rate", "flow from volume and hours, drops from volume, drop factor and minutes", Tier.D),
    _read("studylib-drip-rate", "volume / time * drop factor, with two examples", Tier.D),
)

# body surface
MOSTELLER: Sources = (_read("verbraecken-2006", "abstract, the formula", Tier.B), _unread("mosteller-1987", "the letter"))
DU_BOIS: Sources = (
    _read("globalrph-bsa", "reference 1, the equation", Tier.C),
    _read("admiral-bsa", "method DuBois-DuBois", Tier.C),
    _unread("dubois-1916", "the formula"),
)
HAYCOCK: Sources = (
    _read("adc-obese-sizes", "table 2, Haycock", Tier.B),
    _read("globalrph-bsa", "reference 3, the equation", Tier.C),
    _unread("haycock-1978", "the formula"),
)
GEHAN_GEORGE: Sources = (
    _read("globalrph-bsa", "reference 2, the equation", Tier.C),
    _read("admiral-bsa", "method Gehan-George", Tier.C),
    _unread("gehan-george-1970", "the formula"),
)
BOYD: Sources = (_read("admiral-bsa", "method Boyd, weight in grams", Tier.C), _unread("boyd-1935", "the formula with height"))

# ideal, adjusted and lean weight
DEVINE: Sources = (
    _read("clincalc-ibw", "the equations", Tier.C),
    _read("globalrph-ibw", "ideal body weight", Tier.C),
    _unread("devine-1974", "the equations"),
)
ADJUSTED_WEIGHT: Sources = (
    _read("calvert-nccn", "appendix B, adjusted body weight (copy)", Tier.B),
    _read("clincalc-ibw", "adjusted body weight", Tier.C),
    _read("traynor-1995", "abstract, 0.43 found, 0.4 by earlier work", Tier.B),
)
BOER: Sources = (_read("wikipedia-lean-mass", "section Boer", Tier.D), _unread("boer-1984", "the equations"))
JANMAHASATIAN: Sources = (
    _read("adc-obese-sizes", "table 2, semi-mechanistic model", Tier.B),
    _read("janmahasatian-2005", "abstract, ages, weights and body mass indices", Tier.B),
)
BODY_MASS_INDEX: Sources = (_read("who-bmi", "definition and cut-off points", Tier.A),)

# kidney
COCKCROFT_GAULT: Sources = (
    _read("calvert-nccn", "appendix B, Cockcroft-Gault (copy)", Tier.B),
    _read("tabers-cockcroft", "the formula", Tier.C),
    _read("cockcroft-bmc-2021", "introduction, the group it was derived in", Tier.B),
    _read("admiral-clearance", "method CRCL", Tier.C),
    _unread("cockcroft-gault-1976", "the equation"),
)
CLEARANCE_WEIGHT: Sources = (
    _read("calvert-nccn", "appendix B, adjusted weight from 25 kg/m2 (copy)", Tier.B),
    _read("globalrph-crcl", "note on an actual weight below the ideal", Tier.C),
    _unread("winter-2012", "weights by body mass index"),
)
CREATININE_UNITS: Sources = (_read("ama-si-factors", "row creatinine", Tier.C), _read("si-glucose-copy", "row creatinine", Tier.C))
GLUCOSE_UNITS: Sources = (_read("si-glucose-copy", "row glucose", Tier.C), _read("glucose-molar-mass", "molar mass", Tier.D))
CALVERT: Sources = (
    _read("fda-carboplatin-2010", "the formula", Tier.A),
    _read("calvert-nccn", "appendix B, Calvert equation (copy)", Tier.B),
    _read("calvert-renal-2015", "abstract, the range it was derived in", Tier.B),
    _unread("calvert-1989", "the formula"),
)
FILTRATION_CAP: Sources = (
    _read("fda-carboplatin-2010", "cap of the estimated filtration rate", Tier.A),
    _read("calvert-nccn", "appendix B, maximum dose (copy)", Tier.B),
)

# fluids and iron
HOLLIDAY_SEGAR: Sources = (
    _read("utmb-fluids", "maintenance fluid requirements", Tier.C),
    _read("pedir-fluids", "section 1, daily requirement", Tier.D),
    _unread("holliday-segar-1957", "the three straight lines"),
)
FOUR_TWO_ONE: Sources = (
    _read("utmb-fluids", "hourly approximation", Tier.C),
    _read("pedir-fluids", "section 1, hourly rate", Tier.D),
)
GANZONI: Sources = (
    _read("cadth-ganzoni-2020", "table 12, the formula", Tier.B),
    _read("venofer-gb", "section 4.2, calculation of dosage", Tier.C),
    _read("venofer-copy", "section 4.2, targets and stores below and from 35 kg", Tier.C),
    _unread("ganzoni-1970", "the formula"),
)
PARKLAND: Sources = (
    _read("who-burns-2024", "annex 3 (copy)", Tier.B),
    _read("onlinemed-parkland", "counted from the injury, superficial burns excluded", Tier.D),
    _unread("baxter-shires-1968", "the formula"),
)

# pressure and heart
MEAN_PRESSURE: Sources = (_read("admiral-map", "details", Tier.C), _read("wikilectures-map", "calculation", Tier.D))
BAZETT: Sources = (
    _read("admiral-qtc", "method Bazett", Tier.C),
    _read("cardiology-qtc", "note on heart rates outside 60 to 100", Tier.C),
    _read("malik-2021", "abstract, conclusion", Tier.B),
    _unread("bazett-1920", "the formula"),
)
FRIDERICIA: Sources = (_read("admiral-qtc", "method Fridericia", Tier.C), _unread("fridericia-1920", "the formula"))

# heparin, insulin, lipid emulsion
HEPARIN_START: Sources = (_read("raschke-1993", "abstract, intervention", Tier.B),)
HEPARIN_CAPS: Sources = (_read("durham-heparin", "initial bolus and rate", Tier.C),)
INSULIN_BOLUS: Sources = (
    _read("nationwide-bolus", "meal bolus and correction bolus", Tier.B),
    _read("ypsopump-bolus", "insulin on board taken from the whole", Tier.C),
    _read("medtronic-bolus", "active insulin taken from the correction only", Tier.C),
)
INSULIN_SIGNS: Sources = (
    _read("omnipod-rules", "a bolus is never below zero", Tier.C),
    _read("omnipod-ust200", "page 140, reverse correction taken from the meal", Tier.C),
    _read("ypsopump-bolus", "page 21, a glucose below the target lessens the meal bolus", Tier.C),
)
LOW_GLUCOSE: Sources = (
    _read("bs-ada", "classification of hypoglycaemia, level 1", Tier.B),
    _read("ada-2017-levels", "table 6.3", Tier.B),
)
LIPID_AAGBI: Sources = (
    _read("last-nhs", "box A, lipid emulsion", Tier.B),
    _read("bs-aagbi-last", "lipid variant (copy)", Tier.C),
)
LIPID_ASRA: Sources = (
    _read("ms2-last-jp", "abstract", Tier.B),
    _read("bs-asra-last", "checklist, lipid (copies)", Tier.C),
)

# doses, strengths and rates
WEIGHT_DOSE: Sources = (
    _read("bccampus-weight", "calculating weight based doses, sample exercise 15.1", Tier.D),
    _read("quizlet-drug-formulas", "calculations based on weight", Tier.D),
)
SAFE_RANGE: Sources = (
    _read("wtcs-safe-range", "example 1, both ends of the range", Tier.D),
    _read("bccampus-weight", "sample exercise 15.2, smallest and largest dose", Tier.D),
)
DOSE_VOLUME: Sources = (_read("usq-injections", "volume from strength required and strength in stock", Tier.D),)
DOSE_RATE: Sources = (_read("southern-critical-care", "formulas for micrograms or milligrams, per kg or not, to mL/h", Tier.D),)
RATE_DOSE: Sources = (_read("manuelsweb-formulas", "dose in an hour from mL/h", Tier.D),)
PUSH_TIME: Sources = (_read("calculator-city-push", "formula explained, rate and push time", Tier.D),)
AMOUNT_TO_ADD: Sources = (_read("skyscape-rule-of-six", "amount in a final volume for a dose at each mL/h", Tier.D),)
EPINEPHRINE_IM: Sources = (
    _read("ms2-epi-fk", "section 2.2, table 1: dose by weight", Tier.C),
    _read("bs-epi-rcuk", "intramuscular dose by age", Tier.C),
    _read("bs-epi-ascia", "intramuscular dose by weight", Tier.C),
)
NALOXONE_INFUSION: Sources = (_read("ms2-nal-inf", "infusion, half of the bolus total in an hour", Tier.B),)
IMMUNE_GLOBULIN_SC: Sources = (
    _read("ms2-hiz-137", "section 2, weekly dose from the intravenous one", Tier.C),
    _read("bs-scig-label", "dose factors", Tier.C),
)

# syringes
INSULIN_SYRINGE: Sources = (_read("ismp-u500", "syringe units and doses five times too large", Tier.B),)

# units and writing
POUND: Sources = (_read("npl-pound", "the definition", Tier.A),)
INCH: Sources = (_read("ama-metric", "table 17.5-1", Tier.C),)
DISPLACEMENT: Sources = (_read("injectable-guide", "12.1, the example of 250 mg", Tier.C),)
PERCENT: Sources = (_read("usp28-percent", "percentage measurements", Tier.C),)
UNSAFE_WRITING: Sources = (
    _read("ismp-abbreviations-2021", "doses and measurement units", Tier.B),
    _read("ismp-list-copy", "rows ug, U, trailing zero, no leading zero", Tier.C),
    _read("joint-commission-list", "official list", Tier.C),
)

# scores and scales
NEWS2_CHART: Sources = (
    _read("bs-rcp-news2", "chart 1, NEWS scoring system", Tier.B),
    _read("rcp-news2-thresholds", "chart 4, response to the trigger thresholds", Tier.B),
)
BRIGHTON_PEWS: Sources = (_read("brighton-pews", "table 4", Tier.B),)
MATERNAL_CRITERIA: Sources = (_read("mewc-2014", "the table", Tier.B), _read("mewc-medscape", "the criteria", Tier.C))
LOW_PRESSURE: Sources = (_read("niaid-bp-table", "criterion 3", Tier.B), _read("bs-wao2020", "note on low blood pressure", Tier.B))
VIP_SCORE: Sources = (_read("vip-jackson", "the score", Tier.C), _read("vip-tegaderm", "the score", Tier.C))
INS_PHLEBITIS: Sources = (_read("ins-phlebitis-2011", "the scale", Tier.B),)
INS_INFILTRATION: Sources = (_read("ins-infiltration-copy", "clinical criteria for grading", Tier.D),)
EXTRAVASATION_GRADES: Sources = (_read("ccjm-extravasation", "table 1", Tier.B),)
BROMAGE: Sources = (_read("bromage-modified", "lower limbs", Tier.D), _read("bromage-rn101", "the four grades", Tier.D))
BLOCK_LEVEL: Sources = (_read("ms2-accu", "high block: cold above T4", Tier.B),)
POSS: Sources = (_read("ms2-poss", "levels and interventions", Tier.C), _read("poss-skyscape", "table 10-1", Tier.C))
PAIN_NRS: Sources = (_read("nrs-nih", "numeric rating scale", Tier.B), _read("nrs-physio", "the table", Tier.C))
FLACC: Sources = (_read("flacc-asja", "table 1", Tier.B), _read("flacc-skyscape", "assessment of behavioural scale", Tier.C))
FOUR_TS: Sources = (_read("four-ts-bmj", "criteria", Tier.B), _read("four-ts-mgh", "the table", Tier.C))
TACO: Sources = (_read("ms2-taco-18", "the criteria", Tier.B), _read("ms2-taco-trip", "criteria A to E", Tier.B))
TRALI: Sources = (_read("trali-2019-kjbt", "table 1, 2019", Tier.B), _read("trali-2019-copy", "new definitions", Tier.C))
TRANSFUSION_FEVER: Sources = (_read("trip-definitions", "mild febrile and nonhaemolytic reaction", Tier.B),)
TRANSFUSION_REACTIONS: Sources = (
    _read("trip-definitions", "transfusion reactions", Tier.B),
    _read("nhsn-allergic", "allergic reaction", Tier.B),
    _read("fairview-glossary", "blood pressure decrease", Tier.B),
)
LOW_GLUCOSE_LEVELS: Sources = (
    _read("bs-ada", "classification of hypoglycaemia", Tier.B),
    _read("ada-2017-levels", "table 6.3, values in mmol/L", Tier.B),
)

# reactions
WAO_2020: Sources = (_read("bs-wao2020", "criteria 1 and 2", Tier.B),)
NIAID_2006: Sources = (_read("niaid-bp-aap", "table 4", Tier.B), _read("niaid-ijpnc", "table 1", Tier.B))
CTCAE_5: Sources = (_read("bs-ctcae5", "terms and grades", Tier.A),)

# kinetics
EXPONENTIAL_INSULIN: Sources = (
    _read("loopkit-exponential", "ExponentialInsulinModel, percentEffectRemaining", Tier.C),
    _read("oref0-exponential", "iobCalcExponential", Tier.C),
)
TARGET_MEDIATED: Sources = (_read("lixoft-qss", "the equations with total ligand and total receptor", Tier.C),)
TARGET_CONTROLLED: Sources = (
    _read("shafer-tci-review", "opening, closed forms for target-controlled delivery", Tier.C),
    _read("pytci-readme", "Effect-site boluses and nonzero baselines", Tier.C),
)
