"""The pure heart: protocol, patient facts and events in; findings, doses and states out. No clock, no files, no network."""
