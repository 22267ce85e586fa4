"""Files as the doors hand them on: opened and judged once (``Source``), refused where they cannot be read safely.

What a file may ask of the machine (``Limits``) is said where it is opened.
"""

from perfeval_xl.hosts.limits import LIMITS as LIMITS
from perfeval_xl.hosts.limits import Limits as Limits
from perfeval_xl.hosts.reading.loading import Source as Source
from perfeval_xl.hosts.reading.loading import open_source as open_source
from perfeval_xl.hosts.reading.loading import read_book as read_book
