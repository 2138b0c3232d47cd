"""Schedules of other libraries: read what you have, write what others run.

read       a scheduler, a schedule or a configuration of another library, as a `Reading`
find       every schedule in a text or a file, each as a `Found`
write      a schedule as the code of one other library alone
Refusal    the error of what cannot be read
Reading    the schedules that were read, the step that the original is at, and how exact they are
"""

from lrcore.port._found import Found
from lrcore.port._read import find, read
from lrcore.port._reading import Reading, Refusal
from lrcore.port._write import write

__all__ = ["Found", "Reading", "Refusal", "find", "read", "write"]

for _public in (Found, Refusal, find, read, write):
    _public.__module__ = "lrcore.port"  # their one address
del _public
