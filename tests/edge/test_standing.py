"""What holds for a slice: one line, that says all of it or is seen to be none."""

from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matapalo.edge import Split, Wanted
from matapalo.edge.standing import WIDTH, Standing
from matapalo.edge.standings import Standings, moment

MOMENTS = st.none() | st.integers(0, 2**43)
STANDINGS = st.builds(
    Standing,
    owner=st.sampled_from(["monolith", "new"]),
    hold=st.just(0) | st.sampled_from([0.05, 0.5, 5, 90]),
    passed=MOMENTS,
    since=MOMENTS,
    version=st.integers(0, 10**9),
)
HELD = Split(hold=5)
READING = Split(reads_new=10, read_own_writes=True)


def wanted(version: int, **splits: Split) -> Wanted:
    return Wanted(version=version, splits=splits)


def line(folder: Path, name: str = "cards") -> Standing:
    found = Standing.read((folder / "slices" / name).read_text())
    assert found
    return found


@given(STANDINGS)
def test_a_line_says_all_of_it(standing: Standing) -> None:
    assert Standing.read(standing.line()) == standing
    assert len(standing.line()) == WIDTH


@given(STANDINGS, STANDINGS, st.integers(0, WIDTH))
def test_a_line_half_written_over_another_is_none(
    before: Standing, after: Standing, written: int
) -> None:
    torn = after.line()[:written] + before.line()[written:]
    assert Standing.read(torn) in (None, before, after)


def test_the_first_words_are_owner_hold_and_passed(tmp_path: Path) -> None:
    files = Standings(tmp_path, ["cards"])
    files.begin(wanted(1, cards=Split(hold=0.5, read_own_writes=True)))
    files.passed("cards", 1234)
    assert (tmp_path / "slices" / "cards").read_text().split()[:3] == ["monolith", "0.5", "1234"]
    files.obey(wanted(2, cards=Split(writes_new=True)))
    assert (tmp_path / "slices" / "cards").read_text().split()[:3] == ["new", "-", "-"]


@pytest.mark.parametrize("text", ["", "monolith - - - 1", "nobody - - - 1 00000000", "\x00" * 96])
def test_what_is_no_line_says_nothing(text: str) -> None:
    assert Standing.read(text) is None


def test_what_is_in_force_is_never_older_than_what_was(tmp_path: Path) -> None:
    files = Standings(tmp_path, ["cards"])
    files.begin(Wanted())
    files.obey(wanted(7, cards=HELD))
    files.obey(wanted(6, cards=Split(writes_new=True)))
    assert line(tmp_path).hold
    # The agent that wrote it died before it could remember it.
    again = Standings(tmp_path, ["cards"])
    again.begin(wanted(6, cards=Split(writes_new=True)))
    assert line(tmp_path) == Standing(hold=5, version=7)
    again.obey(wanted(8, cards=Split(writes_new=True)))
    assert line(tmp_path) == Standing(owner="new", version=8)


def test_what_is_remembered_holds_where_its_file_is_older_or_broken(tmp_path: Path) -> None:
    files = Standings(tmp_path, ["cards"])
    for broken in ("", "nonsense", Standing(owner="new", version=3).line()):
        files.begin(Wanted())
        (tmp_path / "slices" / "cards").write_text(broken)
        Standings(tmp_path, ["cards"]).begin(wanted(4, cards=HELD))
        assert line(tmp_path) == Standing(hold=5, version=4)


def test_what_was_refused_is_taken_back(tmp_path: Path) -> None:
    files = Standings(tmp_path, ["cards"])
    before = wanted(1, cards=HELD)
    files.begin(before)
    files.obey(wanted(2, cards=Split(writes_new=True)))
    files.restore(before)
    assert line(tmp_path) == Standing(hold=5, version=1)


def test_a_slice_that_is_no_more_leaves_no_file(tmp_path: Path) -> None:
    Standings(tmp_path, ["cards", "loans"]).begin(Wanted())
    Standings(tmp_path, ["cards"]).begin(Wanted())
    assert [file.name for file in (tmp_path / "slices").iterdir()] == ["cards"]


def test_marks_go_on_for_as_long_as_they_are_wanted(tmp_path: Path) -> None:
    files = Standings(tmp_path, ["cards"])
    files.begin(wanted(1, cards=READING))
    since = line(tmp_path).since
    assert since
    assert files.marking() == {"cards"}
    files.passed("cards", since + 1000)
    held = READING.model_copy(update={"hold": 5})
    files.obey(wanted(2, cards=held))
    expected = Standing(hold=5, passed=since + 1000, since=since, version=2)
    assert line(tmp_path) == expected
    again = Standings(tmp_path, ["cards"])
    again.begin(wanted(2, cards=held))
    assert line(tmp_path) == expected
    again.obey(wanted(3, cards=Split(reads_new=100, writes_new=True)))
    assert not again.marking()
    again.passed("cards", since + 2000)
    assert line(tmp_path) == Standing(owner="new", version=3)


@pytest.mark.parametrize("lost", ["by the machine", "by somebody"])
def test_where_marks_are_lost_everybody_may_have_written(tmp_path: Path, lost: str) -> None:
    files = Standings(tmp_path, ["cards"])
    files.begin(wanted(1, cards=READING))
    files.passed("cards", moment())
    if lost == "by the machine":
        old = int(psutil.boot_time() * 1000) - 1000
        left = Standing(passed=old + 1, since=old, version=1).line()
        (tmp_path / "slices" / "cards").write_text(left)
    else:
        (tmp_path / "wrote" / "cards" / "marks").unlink()
    before = moment()
    Standings(tmp_path, ["cards"]).begin(wanted(1, cards=READING))
    assert line(tmp_path).passed is None
    assert before <= (line(tmp_path).since or 0) <= moment()


def test_files_are_for_their_owner_and_marks_take_no_room(tmp_path: Path) -> None:
    Standings(tmp_path, ["cards"]).begin(wanted(1, cards=READING))
    marks = (tmp_path / "wrote" / "cards" / "marks").stat()
    assert marks.st_blocks * 512 <= 4096
    for path in (tmp_path / "slices" / "cards", tmp_path / "wrote" / "cards" / "marks"):
        assert path.stat().st_mode & 0o077 == 0
        assert path.parent.stat().st_mode & 0o077 == 0
    assert marks.st_size > 0


def test_only_reads_mirrors_and_comparisons_move_routes() -> None:
    one = wanted(1, cards=Split(reads_new=10))
    assert one.routes() == wanted(2, cards=Split(reads_new=10, hold=5, writes_new=True)).routes()
    for other in (Split(reads_new=20), Split(reads_new=10, compare=1), READING):
        assert one.routes() != wanted(1, cards=other).routes()
