"""Schedules of other libraries: read what you have, write what others run.

read       a scheduler, a schedule or a configuration of another library, as a `Reading`
write      a schedule as the code of one other library alone
Reading    the schedules that were read, the step that the original is at, and how exact they are
"""

from lrcore.port._read import read
from lrcore.port._reading import Reading
from lrcore.port._write import write

__all__ = ["Reading", "read", "write"]

read.__module__ = write.__module__ = "lrcore.port"  # their one address
