"""What the blueprint closes, nobody reaches through the edge, however it is spelled."""

from pathlib import Path

from tests.edge.world import edge, upstreams

SPELLINGS = (
    "/internal",
    "/internal/bookings/7",
    "//internal///bookings",
    "/a/../internal/bookings",
    "/%69nternal/bookings",
    "/internal%2Fbookings",
    "/./internal/bookings?x=1",
)


async def test_a_closed_path_answers_404_to_every_method_and_spelling(tmp_path: Path) -> None:
    blueprint = {"edge": {"closed": ["/internal"]}}
    async with upstreams("monolith") as at, edge(blueprint, at, tmp_path) as door:
        client = door.client()
        assert (await client.ask("/internally")).status == 200
        for path in SPELLINGS:
            for method in ("GET", "PUT", "PROPFIND"):
                answer = await client.ask(path, method)
                assert answer.status in {404, 307}, (method, path, answer)
                if answer.status == 307:
                    answer = await client.ask(answer.headers["location"], method)
                    assert answer.status == 404, (method, path, answer)
        assert [seen.path for seen in at["monolith"].seen] == ["/internally"]
