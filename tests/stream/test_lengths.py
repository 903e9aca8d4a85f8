"""Values with a length arrive whole, whichever way rows travel."""

import pytest

from tests.stream.following import following, pair
from tests.stream.servers import fetch, run

TABLE = """
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE TABLE t (id int PRIMARY KEY, c char(5), b bit(3), v varbit(5), cs char(5)[], bs bit(3)[],
                moods mood[]);
"""
ROW = "INSERT INTO t VALUES (1, 'abcd', '101', '10110', '{abc,de}', '{101,110}', '{glad}')"
SEEN = "SELECT id, c::text, b::text, v::text, cs::text, bs::text, moods::text FROM t"


@pytest.mark.parametrize("as_text", [True, False])
def test_characters_and_bits_are_not_cut_to_one(postgres: str, as_text: bool) -> None:
    """An array of an enum makes a table's rows travel as text."""
    script = TABLE if as_text else TABLE.replace(",\n                moods mood[]", "")
    with pair(postgres, ["t"], script) as both:
        both.begin()
        with following(both) as stream:
            row = ROW if as_text else ROW.replace(", '{glad}'", "")
            run(both.source, row)
            stream.catch_up()
        seen = SEEN if as_text else SEEN.replace(", moods::text", "")
        assert fetch(both.target, seen) == fetch(both.source, seen)
        assert fetch(both.target, "SELECT rtrim(c), b::text FROM t") == [("abcd", "101")]
