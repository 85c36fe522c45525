"""Reads protocol, evidence, field and table files into core types, whole or not at all. Never computes a dose and never decides
anything."""
