"""Applying: batches of changes become rows of the target, a set at a time.

    Batch ──Packer: plan, collapse──▶ Parcel of nets ──Applier──▶ Work ──Inlet──▶ rows ─┐ one
                                                                   │   progress, marks ─┤ trans-
                                              conflicts ◀──judged──┘   conflicts ───────╯ action

Rows travel as one parameter, an array of records, and a statement takes it apart: no stage tables,
one round trip for many statements, and as quick for one row as for twenty thousand.

There are two ways. The quick one expects the target to be as the log says, and counts whether it
was. Where it was not, what was done is rolled back and done again carefully: looking first, keeping
what does not fit in `matapalo.conflict`, and getting around unique values that change hands.
"""

from matapalo.stream.apply.applier import Applied, Applier
from matapalo.stream.apply.conflict import count as count_conflicts
from matapalo.stream.apply.parcel import Packer, Parcel
from matapalo.stream.apply.session import drop_origin

__all__ = ["Applied", "Applier", "Packer", "Parcel", "count_conflicts", "drop_origin"]
