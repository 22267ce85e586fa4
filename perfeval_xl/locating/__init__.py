"""Which cells are wrong: the smallest weighted set whose change lets every declared equation hold.

The paradigm is Fellegi and Holt's (1976, "A systematic approach to automatic edit and imputation"). Equations and
rates become linear rows over integers (each cell in its own smallest unit, each side an interval that carries the
written precision). A violated row says that one of its cells is wrong; a set of cells is tried by eliminating them from
the rows they stand in (Fourier–Motzkin), and where they cannot make those rows hold, the rows that contradict each
other say that yet another of *their* cells is wrong. The lightest set that hits all that was learned, and passes, is the
answer, proven smallest. What looks like the undoing of a typing error (typing_errors.py) then ranks first among cells
that would mend as much.
"""

from .suspects import Candidate, Confidence, Located, Suspect, locate

__all__ = ["Candidate", "Confidence", "Located", "Suspect", "locate"]
