"""FHIR R4 (4.0.1). It accepts widely, says loudly what it could not read, and never guesses a patient, a unit or a drug."""
