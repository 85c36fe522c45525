"""The demo centre: made-up people, patients and therapies on a store of its own, moved by public commands only. Not for clinical use.

Deleting this package leaves the program whole.
"""
