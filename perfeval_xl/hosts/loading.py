"""The old door to ``perfeval_xl.errors.Unreadable`` and the readers, open for one release."""

from perfeval_xl.errors import Unreadable as Unreadable
from perfeval_xl.hosts.reading.loading import read_book as read_book
