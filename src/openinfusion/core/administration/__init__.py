"""One session at the bedside: commands in, events out, state folded from events. Pure."""
