"""The static web site."""

from matapalo.blueprint.part import Part
from matapalo.blueprint.route import Path
from matapalo.blueprint.words import Domain


class Site(Part):
    """Files that S3 keeps and CloudFront delivers; locally the edge, from the emulator's bucket."""

    folder: str
    """The files, relative to the blueprint."""
    path: Path = "/"
    """Where the site begins."""
    index: str = "index.html"
    """The file that answers for a folder."""
    spa: bool = False
    """A path without a file answers the index, so that the page's own router takes it."""
    domain: Domain | None = None
    """The name that the site is found by."""
    build: tuple[str, ...] = ()
    """The command by which a pipeline makes `folder` from the sources."""
