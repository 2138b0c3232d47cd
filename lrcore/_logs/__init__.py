"""The logs that training programs write: one metric of a run, read from a file or an object."""
