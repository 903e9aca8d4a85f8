"""`matapalo stream run`: the process that serves one stream of a slice."""

from pathlib import Path

from matapalo.blueprint import load
from matapalo.cli.stream_follow import as_json, stopping
from matapalo.stream.databases import job_of, read
from matapalo.stream.names import Direction
from matapalo.stream.serving import Server


def run(
    slice_name: str, *, reverse: bool, blueprint: Path, environment: str, databases: Path
) -> None:
    """Serve, and print a JSON line for everything that happens."""
    direction = Direction.REVERSE if reverse else Direction.FORWARD
    job = job_of(load(blueprint, environment), read(databases), slice_name, direction)
    server = Server(job, as_json)
    with stopping(server.end):
        as_json("serving", stream=str(job.stream))
        server.serve()
    as_json("ended")
