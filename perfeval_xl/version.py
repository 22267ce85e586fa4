"""The version, read from nowhere else."""

__version__ = "0.1.0"

#: The one xlwings whose VBA the workbooks with macros carry; the extra ``excel`` pins the same.
XLWINGS = "0.37.8"
