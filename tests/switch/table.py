"""The table of what faults do to a switch, in docs/switch.md: by moment and fault."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.switch.faults import FAULTS, PROCESSES, Fault, How
from tests.switch.moments import MOMENTS, Moment
from tests.switch.trials import Result

PAGE = Path(__file__).parents[2] / "docs" / "switch.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"
NOTE = f"{BEGIN}\n<!-- Written by `make faults`, which tries all of it. -->\n"
FAILED, AGAIN = "¹", "²"

Cell = tuple[Moment, Fault, str]


@dataclass
class Table:
    """Results, by moment, fault and way."""

    results: dict[Cell, Result] = field(default_factory=dict)

    def add(self, way: str, result: Result) -> None:
        """Take note of a trial."""
        self.results[result.moment, result.fault, way] = result

    def is_whole(self, ways: Sequence[str]) -> bool:
        """Whether there is a result for everything that can be tried."""
        every = {(m, f, way) for m in MOMENTS for f in FAULTS for way in ways}
        return every <= self.results.keys()

    def write(self, page: Path = PAGE) -> None:
        """Put it where the page has it."""
        before, _, rest = page.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        text = "\n".join(self._lines())
        page.write_text(f"{before}{NOTE}\n{text}\n{END}{after}")

    def _lines(self) -> Iterator[str]:
        for how, title in _TITLES.items():
            yield f"**{title}**\n"
            yield f"| moment | {' | '.join(PROCESSES)} |"
            yield f"|---|{'---|' * len(PROCESSES)}"
            for moment in MOMENTS:
                cells = (self._cell(moment, Fault(how, process)) for process in PROCESSES)
                yield f"| {moment} | {' | '.join(cells)} |"
            yield ""

    def _cell(self, moment: Moment, fault: Fault) -> str:
        found = {
            way: result for (m, f, way), result in self.results.items() if (m, f) == (moment, fault)
        }
        words = [_word(found[way]) for way in sorted(found, reverse=True)]
        return " / ".join(dict.fromkeys(words))


def _word(result: Result) -> str:
    again = any(failure.asked_to_come_again for failure in result.failures)
    failed = any(not failure.asked_to_come_again for failure in result.failures)
    return result.word + FAILED * failed + AGAIN * again


_TITLES: Mapping[How, str] = {
    "killed": "Killed (SIGKILL; a database by an immediate stop), and started again",
    "stopped": "Stands still for a second (SIGSTOP)",
}
