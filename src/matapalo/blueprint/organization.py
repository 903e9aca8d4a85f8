"""The organization: accounts, what no account may do, and how people sign on."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from matapalo.blueprint.named import AccountName, LinkName, PermissionSetName, UnitName
from matapalo.blueprint.part import Days, Name, Part, Url
from matapalo.blueprint.secret import SecretRef
from matapalo.blueprint.words import AccountId, Address, Domain, Email, Region


class Unit(Part):
    """An organizational unit: accounts with the same rules."""

    description: str = ""
    """What it is, for people."""
    formerly: tuple[Name, ...] = ()
    """What it was called before, the oldest first. On AWS it is called by the first still."""
    parent: UnitName | None = None
    """The unit that it lies in; the root where none is named."""


class Account(Part):
    """An AWS account: one that exists and is adopted (`id`), or one to be made (`email`)."""

    description: str = ""
    """What it is, for people."""
    formerly: tuple[Name, ...] = ()
    """What it was called before, the oldest first. On AWS it is called by the first still."""
    id: AccountId | None = None
    """The number of an account that exists. It is taken as it is and never made again."""
    email: Email | None = None
    """The address that a new account is made with; no two accounts have the same."""
    unit: UnitName | None = None
    """The unit that it lies in; the root where none is named."""
    purpose: Literal[
        "workload", "management", "log-archive", "security", "network", "delivery", "other"
    ] = "workload"
    """What it is for. `security` is the delegated administrator; `log-archive` keeps the trail."""

    @model_validator(mode="after")
    def _exists_or_is_made(self) -> "Account":
        if self.id is None and self.email is None:
            raise ValueError("an account needs an `id` if it exists, or an `email` to be made with")
        return self


class Guardrails(Part):
    """What no account may do, whoever asks (service control policies)."""

    regions: tuple[Region, ...] = ()
    """The only regions in use; every one where none is named."""
    deny_root_user: bool = True
    """The root users of member accounts can do nothing."""
    deny_leaving: bool = True
    """No account leaves the organization."""
    protect_logs: bool = True
    """Nobody stops or deletes the trail, or the detectors."""
    deny_public_buckets: bool = True
    """No bucket becomes public."""
    except_units: tuple[UnitName, ...] = ()
    """Units that the guardrails are not laid upon."""


class Audit(Part):
    """What is watched in every account."""

    trail: bool = True
    """A CloudTrail of the organization, kept in the account whose purpose is `log-archive`."""
    keep: Days = 365
    """For how many days the trail is kept."""
    threats: bool = True
    """GuardDuty, administered by the account whose purpose is `security`."""


class ActiveDirectory(Part):
    """People are those of the company's Active Directory."""

    kind: Literal["active-directory"]
    domain: Domain
    """The directory's domain."""
    servers: tuple[Address, ...] = ()
    """Its domain controllers, which a connector asks; none where AWS hosts the directory."""
    link: LinkName | None = None
    """The link of `network.links` by which its servers are reached."""
    directory_id: str | None = None
    """A directory that AWS Directory Service has already (`d-…`)."""
    user: str | None = None
    """The account of the directory that the connector asks with."""
    password: SecretRef | None = None
    """Its password."""


class ExternalProvider(Part):
    """People are those of another identity provider (SAML, SCIM)."""

    kind: Literal["external"]
    name: str
    """What it is called: Okta, Entra ID, Google."""
    metadata: Url | None = None
    """Where its SAML metadata is published."""
    provisioning: bool = True
    """Whether it keeps users and groups current by SCIM."""


class OwnDirectory(Part):
    """People are kept in Identity Center itself."""

    kind: Literal["identity-center"]


class PermissionSet(Part):
    """What a group may do in an account."""

    description: str = ""
    """What it is, for people."""
    formerly: tuple[Name, ...] = ()
    """What it was called before, the oldest first. On AWS it is called by the first still."""
    policies: tuple[str, ...] = ()
    """Policies of AWS by name (`ReadOnlyAccess`), or by ARN."""
    policy_file: str | None = None
    """A policy of one's own: a JSON file, relative to the blueprint."""
    session_hours: int = Field(default=8, ge=1, le=12)
    """How long one sign-on lasts."""


class Assignment(Part):
    """A group, what it may do, and where."""

    group: str
    """A group of the directory, as it is called there. It is looked up, not copied."""
    permission_set: PermissionSetName
    """One of `organization.sign_on.permission_sets`."""
    accounts: tuple[AccountName, ...] = Field(min_length=1)
    """Accounts of `organization.accounts`."""


class SignOn(Part):
    """Single sign-on (IAM Identity Center)."""

    region: Region | None = None
    """The region of the Identity Center instance."""
    source: Annotated[
        ActiveDirectory | ExternalProvider | OwnDirectory, Field(discriminator="kind")
    ]
    """Where people and groups are kept."""
    permission_sets: dict[Name, PermissionSet] = {}
    assignments: tuple[Assignment, ...] = ()


class Organization(Part):
    """AWS Organizations: the accounts and what holds in all of them."""

    existing: bool = False
    """Whether the organization exists already and is adopted."""
    units: dict[Name, Unit] = {}
    accounts: dict[Name, Account] = {}
    guardrails: Guardrails = Guardrails()
    audit: Audit = Audit()
    sign_on: SignOn | None = None
