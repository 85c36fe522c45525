"""Use cases: each reads streams, lets the core decide, and appends what it decided."""
