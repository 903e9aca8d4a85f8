"""The comparison's word to the conductor, and what people see of it."""

import json
from typing import Any

import aiohttp
import pytest

from matapalo.compare import Comparisons, Difference, Example, SliceComparisons
from matapalo.console import Seat, connect
from matapalo.errors import UnknownSlice
from tests.conductor.place import TOKEN, Place
from tests.console.test_cli import matapalo

KEY = {"Authorization": f"Bearer {TOKEN}"}
NOTHING = Comparisons(epoch="e", slices={"statements": SliceComparisons()})
FOUND = Comparisons(
    epoch="e",
    slices={
        "statements": SliceComparisons(
            compared=1200,
            mismatched=3,
            skipped={"behind": 12},
            further=4,
            differences=(
                Difference(
                    route="GET /api/statements",
                    kind="value",
                    path="$.items[*].name",
                    count=3,
                    examples=(
                        Example(
                            asked="GET /api/statements/*?month=",
                            place="$.items[1].name",
                            monolith="text(3)",
                            new="text(6)",
                        ),
                    ),
                ),
            ),
        )
    },
)


async def post(place: Place, body: Any, **headers: str) -> int:
    async with (
        aiohttp.ClientSession(place.url) as http,
        http.post("/v1/comparisons", data=body, headers=headers) as answer,
    ):
        return answer.status


async def tell(place: Place, *words: Comparisons) -> None:
    for word in words:
        assert await post(place, word.model_dump_json(), **KEY) == 204


async def test_only_a_friend_is_heard_and_only_what_is_understood(conducted: Place) -> None:
    assert await post(conducted, FOUND.model_dump_json()) == 401
    for wrong in ("", "{", "[]", '{"epoch": 1}', '{"epoch": "e", "more": 1}'):
        assert await post(conducted, wrong, **KEY) == 400
    async with connect(Seat(conducted.url, TOKEN)) as conductor:
        seen = await conductor.differences("statements")
        assert (seen.heard, seen.found) == (None, SliceComparisons())
        with pytest.raises(UnknownSlice):
            await conductor.differences("statement")


async def test_what_was_found_is_told(conducted: Place) -> None:
    await tell(conducted, NOTHING, FOUND)
    async with connect(Seat(conducted.url, TOKEN)) as conductor:
        seen = await conductor.differences("statements")
    assert seen.found == FOUND.slices["statements"]
    assert seen.heard is not None


async def test_a_person_sees_differences_by_route_with_masked_examples(conducted: Place) -> None:
    before = await matapalo(conducted.folder, "differences", "statements")
    assert "nothing was compared in this stage" in before.out
    assert "no comparison has been heard yet" in before.out
    await tell(conducted, NOTHING, FOUND)
    said = await matapalo(conducted.folder, "differences", "statements")
    assert said.status == 0, said.err
    assert said.out.splitlines() == [
        "statements: 1,200 answers compared, 3 differ (0.25%)",
        "  12 skipped: too many at once",
        "GET /api/statements",
        "       3 value $.items[*].name",
        "         GET /api/statements/*?month= $.items[1].name: monolith text(3), new text(6)",
        "and 4 more of other kinds",
    ]
    script = await matapalo(conducted.folder, "differences", "statements", "--json")
    assert json.loads(script.out)["found"]["differences"][0]["count"] == 3
    unknown = await matapalo(conducted.folder, "differences", "statement")
    assert unknown.status == 1
    assert "did you mean `statements`?" in unknown.err
