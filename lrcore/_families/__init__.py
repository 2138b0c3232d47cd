"""The families of schedules, one idea a file: each file shows its formula."""
