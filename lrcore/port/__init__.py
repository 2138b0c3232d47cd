"""Schedules of other libraries: read what you have, write what others run.

read       a scheduler, a schedule or a configuration of another library, as a `Reading`
Reading    the schedules that were read, the step that the original is at, and how exact they are
"""

from lrcore.port._read import read
from lrcore.port._reading import Reading

__all__ = ["Reading", "read"]

read.__module__ = "lrcore.port"  # its one address
