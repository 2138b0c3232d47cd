"""Live objects of other libraries, known by the names of their classes and attributes: nothing of theirs is imported."""
