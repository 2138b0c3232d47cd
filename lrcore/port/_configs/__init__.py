"""Configurations of other systems, as dicts: a file a system, each with what it is known by and what it is here."""
