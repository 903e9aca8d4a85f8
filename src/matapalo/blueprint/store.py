"""Stores: where a product keeps its data, by use case."""

from typing import Annotated, Literal

from pydantic import Field

from matapalo.blueprint.environment import Capacity
from matapalo.blueprint.part import Days, Name, Part

StoreKind = Literal["aurora", "dynamodb", "documentdb", "cache", "bucket"]

AttributeType = Literal["text", "number", "binary"]


class Kept(Part):
    """What every store has."""

    formerly: tuple[Name, ...] = ()
    """What it was called before, the oldest first. On AWS it keeps that name, and what it holds."""


class Aurora(Kept):
    """Relations and transactions: Aurora PostgreSQL, Serverless."""

    kind: Literal["aurora"]
    version: str = "17.5"
    """The version of PostgreSQL."""
    database: Name | None = None
    """The database's name; the store's where not given."""
    capacity: Capacity | None = None
    """Its size; the environment's where not given."""
    readers: int = Field(default=0, ge=0, le=15)
    """Instances that only read."""
    backup: Days | None = None
    """For how many days backups are kept; the environment's where not given."""


class Index(Part):
    """Another way to find the items of a table."""

    key: str
    """The attribute that items are found by."""
    key_type: AttributeType = "text"
    """What that attribute holds."""
    sort: str | None = None
    """The attribute that items of one key are ordered by."""
    sort_type: AttributeType = "text"
    """What that attribute holds."""


class DynamoDb(Kept):
    """Items by key, at any scale: DynamoDB."""

    kind: Literal["dynamodb"]
    key: str
    """The attribute that items are found by."""
    key_type: AttributeType = "text"
    """What that attribute holds."""
    sort: str | None = None
    """The attribute that items of one key are ordered by."""
    sort_type: AttributeType = "text"
    """What that attribute holds."""
    indexes: dict[Name, Index] = {}
    expires: str | None = None
    """The attribute that says when an item expires, in seconds since 1970."""
    changes: bool = False
    """Whether changes can be followed (a stream)."""


class DocumentDb(Kept):
    """Documents: DocumentDB."""

    kind: Literal["documentdb"]
    version: str = "5.0.0"
    """The version of its protocol."""
    instance: str = "db.t4g.medium"
    """What its instances are."""
    instances: int = Field(default=2, ge=1, le=16)
    """How many there are; two live through the loss of a zone."""
    backup: Days | None = None
    """For how many days backups are kept; the environment's where not given."""


class Cache(Kept):
    """What can be lost: ElastiCache, Serverless."""

    kind: Literal["cache"]
    engine: Literal["valkey", "redis", "memcached"] = "valkey"
    """What it is."""
    max_gib: int = Field(default=5, ge=1, le=5000)
    """The most that it holds."""


class Bucket(Kept):
    """Files: S3."""

    kind: Literal["bucket"]
    versioned: bool = True
    """Whether former versions of a file are kept."""
    archive_after: Days | None = None
    """After how many days files move to a cheaper class."""
    expire_after: Days | None = None
    """After how many days files are deleted."""


Store = Annotated[Aurora | DynamoDb | DocumentDb | Cache | Bucket, Field(discriminator="kind")]
"""Where data is kept."""
