"""How a process of the system starts on this machine."""

from pydantic import Field

from matapalo.blueprint.part import Part
from matapalo.blueprint.secret import EnvValue


class Run(Part):
    """A command, and what it is given.

    The process is told where to listen by `PORT`, and where to find what it `uses` by
    `<NAME>_URL` (a service, a function or the monolith), and `DATABASE_URL` (the monolith's
    database). `python` as the first word is the interpreter that runs Matapalo.
    """

    command: tuple[str, ...] = Field(min_length=1)
    """The program and its arguments; no shell reads them."""
    prepare: tuple[str, ...] = ()
    """A command that runs to its end before every start (migrations, a seed); safe to repeat."""
    folder: str = "."
    """Where it runs, relative to the blueprint."""
    env: dict[str, EnvValue] = {}
    """Its environment, added to what Matapalo gives it."""
