"""Schedules made of schedules, and of one schedule another."""
