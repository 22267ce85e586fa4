"""The command line."""

from .check import example as example
from .check import main as main
