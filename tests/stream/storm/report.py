"""What a storm did, and what it left."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Report:
    """The tally of one storm."""

    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    doubtful: int = 0
    rows: int = 0
    """Rows that were compared in the end."""
    compared: int = 0
    """How often both sides were compared while all went on."""
    losses: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        faults = ", ".join(f"{count} x {what}" for what, count in sorted(self.faults.items()))
        return (
            f"seed {self.seed}: {sum(self.faults.values())} faults ({faults});"
            f" {self.acknowledged} transactions acknowledged, {self.doubtful} in doubt;"
            f" {self.rows} rows the same on both sides, compared {self.compared} times before;"
            f" {len(self.losses)} losses" + "".join(f"\n  {loss}" for loss in self.losses[:30])
        )
