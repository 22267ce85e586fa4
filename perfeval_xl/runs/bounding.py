"""How much a run may ask of the machine, as the doors set it on their own process."""

from perfeval_xl.hosts.bounding import bound_memory as bound_memory
from perfeval_xl.hosts.bounding import bounded_time as bounded_time
from perfeval_xl.hosts.limits import LIMITS as LIMITS
from perfeval_xl.hosts.limits import Limits as Limits
