"""Keeps things: the append-only record with its hash chains, samples, identities, read models, users. No clinical rule, no page, no text
for people."""
