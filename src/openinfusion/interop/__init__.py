"""Other people's systems: what they send is read here into our own words, and what we know is written into theirs. It decides nothing."""
