"""What formulas are computed with: exact blends, elementary functions, and the core's own namespaces."""
