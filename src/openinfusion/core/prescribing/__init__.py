"""Who may have it, how much, how fast, how often: pure functions of a protocol, a patient's facts and a prescriber's choices."""
