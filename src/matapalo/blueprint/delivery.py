"""Delivery: the repository, the pipelines, and where Terraform keeps what it knows."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from matapalo.blueprint.named import AccountName
from matapalo.blueprint.part import Name, Part, matching
from matapalo.blueprint.words import Arn

_REPOSITORY = r"^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$"

RepositoryName = Annotated[
    str,
    AfterValidator(matching(_REPOSITORY, "a repository is written `owner/repository`")),
    Field(json_schema_extra={"pattern": _REPOSITORY, "x-word": "`owner/repository`"}),
]
"""What a repository is called where it is kept."""


class Repository(Part):
    """Where the sources are kept."""

    host: Literal["github"] = "github"
    """Who keeps it."""
    name: RepositoryName
    """Its name there."""
    branch: str = "main"
    """The branch that is deployed."""


class State(Part):
    """The bucket that keeps Terraform's state."""

    bucket: str | None = None
    """Its name; one made of the system's and the account's where not given."""
    account: AccountName | None = None
    """The account that holds it; the one whose purpose is `delivery` where not given."""


class Delivery(Part):
    """How what is written becomes what runs."""

    repository: Repository
    pipelines: Literal["github-actions", "codepipeline"] = "github-actions"
    """What runs the pipelines."""
    connection: Arn | None = None
    """CodePipeline's connection to the repository's host, which a person has to agree to once."""
    order: tuple[Name, ...] = ()
    """The environments in the order in which a release goes through them."""
    approve: tuple[Name, ...] = ()
    """Environments that a person lets a release into."""
    state: State = State()
