"""A schedule as text and as JSON-ready data, both ways."""
