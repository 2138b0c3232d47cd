"""Curves, pictures and tables of a schedule."""
