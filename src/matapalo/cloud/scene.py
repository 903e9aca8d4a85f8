"""What a root is made of: the blueprint as one environment reads it, and who and where that is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from matapalo.blueprint import Account, Blueprint, Environment, Sizes
from matapalo.blueprint.relations import Peer, Relation, relations
from matapalo.blueprint.targets import Targets
from matapalo.cloud.names import Names, state_bucket
from matapalo.errors import CloudError

PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
"""The partitions of regions that are not of the common one, by what their names begin with."""

ASKED = "data.aws_caller_identity.this"
"""Where Terraform finds out whose account it is in; a root that says so asks (see Root.tree)."""


def partition_of(region: str) -> str:
    """Return what ARNs of a region begin with: partitions of AWS know nothing of each other.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    return next((it for start, it in PARTITIONS.items() if region.startswith(start)), "aws")


@dataclass(frozen=True, eq=False)
class Scene:
    """One environment. A root of an environment is a pure function of it.

    Two are the same only if they are one: what is made of a scene can be kept by it.
    """

    blueprint: Blueprint
    environment: str
    written: Blueprint | None = None
    """The blueprint by the names that things have now, where `blueprint` has those of before."""

    @cached_property
    def told(self) -> Mapping[str, str]:
        """What each service and function is called now by who uses it, by its full name here."""
        here, now = self.blueprint, self.written or self.blueprint
        names = zip(
            (*here.services(), *here.functions()), (*now.services(), *now.functions()), strict=True
        )
        return dict(names)

    @property
    def it(self) -> Environment:
        """The environment's own part of the blueprint."""
        return self.blueprint.environments[self.environment]

    @property
    def sizes(self) -> Sizes:
        """How big things are here."""
        return self.it.sizes

    @property
    def protected(self) -> bool:
        """Whether nothing that holds data can be deleted by mistake."""
        return self.it.protected

    @property
    def region(self) -> str:
        """The region. Raises CloudError where the blueprint names none."""
        if self.it.region is None:
            where = f"environments.{self.environment}"
            raise CloudError("it has no region", where=where, hint="give `region`")
        return self.it.region

    @property
    def partition(self) -> str:
        """The partition of its region."""
        return partition_of(self.region)

    @property
    def account(self) -> str | None:
        """The account's number, where it is known before Terraform has run."""
        account = self.accounts.get(self.it.account or "")
        return account.id if account else None

    @property
    def account_number(self) -> str:
        """The account's number within a text of Terraform, which asks for it where need be."""
        return self.account or f"${{{ASKED}.account_id}}"

    @property
    def accounts(self) -> Mapping[str, Account]:
        """The organization's accounts by name."""
        organization = self.blueprint.organization
        return organization.accounts if organization else {}

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """Who talks to whom here. It is asked for each service, and found once."""
        return relations(self.blueprint)

    @cached_property
    def calls_by(self) -> Mapping[Peer, tuple[Relation, ...]]:
        """Whom each one calls."""
        return _grouped(self.relations, lambda relation: relation.caller)

    @cached_property
    def calls_to(self) -> Mapping[Peer, tuple[Relation, ...]]:
        """Who calls each one."""
        return _grouped(self.relations, lambda relation: relation.callee)

    @cached_property
    def targets(self) -> Targets:
        """Everything here that can be named."""
        return Targets(self.blueprint)

    @property
    def names(self) -> Names:
        """What things are called here."""
        return Names(self.blueprint.name, self.environment)

    @property
    def bucket(self) -> str:
        """The bucket that keeps Terraform's state, of all environments."""
        delivery = self.blueprint.delivery
        given = delivery.state.bucket if delivery else None
        return given or state_bucket(self.blueprint.name)


@dataclass(frozen=True)
class System:
    """All environments. What they share is read from the first one's blueprint."""

    scenes: tuple[Scene, ...]
    """In the order in which a release goes through them; at least one."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """What files beside the blueprint say that it names (`policy_file`), by path."""

    @property
    def first(self) -> Scene:
        """The environment that comes first."""
        return self.scenes[0]

    @property
    def blueprint(self) -> Blueprint:
        """The blueprint, for what all environments share."""
        return self.first.blueprint

    @property
    def names(self) -> Names:
        """What things are called that all environments share."""
        return Names(self.blueprint.name)

    @property
    def state_region(self) -> str:
        """The region of the state bucket: that of the first environment."""
        return self.first.region

    def account(self, purpose: str) -> tuple[str, Account] | None:
        """Return the account that is for something, with its name."""
        for name, account in self.first.accounts.items():
            if account.purpose == purpose:
                return name, account
        return None


def _grouped(
    found: Iterable[Relation], of: Callable[[Relation], Peer]
) -> Mapping[Peer, tuple[Relation, ...]]:
    groups: dict[Peer, list[Relation]] = {}
    for relation in found:
        groups.setdefault(of(relation), []).append(relation)
    return {peer: tuple(relations) for peer, relations in groups.items()}
