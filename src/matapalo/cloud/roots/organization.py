"""The organization: units, accounts, what no account may do, what is watched, who may sign on."""

import json
from collections.abc import Iterator

from matapalo.blueprint import Account, ActiveDirectory, Organization, PermissionSet, SignOn
from matapalo.cloud.guardrails import Place, places
from matapalo.cloud.hcl import Block, Comment, Expr, Part, Value, block, call, module, ref
from matapalo.cloud.names import address, fit, state_bucket
from matapalo.cloud.root import Output, Root, Variable
from matapalo.cloud.scene import System, partition_of
from matapalo.cloud.tree import Tree
from matapalo.errors import CloudError

SERVICES = (
    "access-analyzer.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "guardduty.amazonaws.com",
    "ram.amazonaws.com",
    "sso.amazonaws.com",
)
ACCESS_ROLE = "OrganizationAccountAccessRole"


def render(system: System) -> Tree:
    """Return the root; nothing where the blueprint has no organization."""
    organization = system.blueprint.organization
    if organization is None:
        return Tree()
    management = system.account("management")
    root = Root.shared(system, "organization", account=management[1].id if management else None)
    more: dict[str, list[Part]] = {
        "units.tf": list(_units(organization)),
        "accounts.tf": list(_accounts(root, organization)),
        "imports.tf": list(_imports(organization)),
        "guardrails.tf": list(_guardrails(system, root, organization)),
        "audit.tf": list(_audit(system, root, organization)),
        "sign-on.tf": list(_sign_on(system, root, organization)),
    }
    return root.tree(
        main=[_organization(root, organization)],
        outputs=_outputs(organization),
        variables=[
            Variable(
                "access_role",
                "string",
                "The role by which the management account reaches the others. Accounts that were "
                "invited have none of that name until a person makes it.",
                ACCESS_ROLE,
            )
        ],
        providers=_providers(system, root, organization),
        more=more,
    )


def _organization(root: Root, organization: Organization) -> Block:
    given: dict[str, Value] = {
        "existing": True if organization.existing else None,
        "services": list(SERVICES),
    }
    return module("organization", root.module("organization"), given)


def _units(organization: Organization) -> Iterator[Part]:
    for name, unit in organization.units.items():
        if unit.description:
            yield Comment(unit.description)
        yield block(
            "resource",
            "aws_organizations_organizational_unit",
            address(name),
            {"name": name, "parent_id": _unit(unit.parent)},
        )


def _unit(name: str | None) -> Expr:
    if name is None:
        return ref("module.organization.root_id")
    return ref("aws_organizations_organizational_unit", address(name), "id")


def _accounts(root: Root, organization: Organization) -> Iterator[Part]:
    for name, account in organization.accounts.items():
        if account.description:
            yield Comment(account.description)
        stays = account.id is not None and account.unit is None
        given: dict[str, Value] = {
            "name": name,
            "email": account.email,
            "parent_id": None if stays else _unit(account.unit),
            "access_role": ref("var.access_role"),
        }
        yield module(_account(name), root.module("account"), given)


def _account(name: str) -> str:
    return address("account", name)


def _id(name: str) -> Expr:
    return ref("module", _account(name), "id")


def _imports(organization: Organization) -> Iterator[Part]:
    """What exists is taken as it is. A block whose thing is in the state already does nothing."""
    if organization.existing:
        yield block("data", "aws_organizations_organization", "adopted")
        to = Expr("module.organization.aws_organizations_organization.this")
        yield block(
            "import", {"to": to, "id": ref("data.aws_organizations_organization.adopted.id")}
        )
    for name, account in organization.accounts.items():
        if account.id is not None:
            to = Expr(f"module.{_account(name)}.aws_organizations_account.this")
            yield block("import", {"to": to, "id": account.id})


def _guardrails(system: System, root: Root, organization: Organization) -> Iterator[Part]:
    rails = organization.guardrails
    if not (
        rails.regions
        or rails.deny_root_user
        or rails.deny_leaving
        or rails.protect_logs
        or rails.deny_public_buckets
    ):
        return
    if rails.except_units:
        yield Comment(f"Laid so that what lies in {', '.join(rails.except_units)} is left out.")
    targets: dict[str, Value] = {_key(place): _place(place) for place in places(organization)}
    roles: list[Value] = [ref("var.access_role"), f"{system.blueprint.name}-*-infrastructure"]
    given: dict[str, Value] = {
        "name": system.names.prefix,
        "targets": targets,
        "regions": list(rails.regions) or None,
        "deny_root_user": rails.deny_root_user,
        "deny_leaving": rails.deny_leaving,
        "protect_logs": rails.protect_logs,
        "deny_public_buckets": rails.deny_public_buckets,
        "except_roles": roles,
    }
    yield module("guardrails", root.module("guardrails"), given)


def _key(place: Place) -> str:
    return place.kind if place.kind == "root" else f"{place.kind} {place.name}"


def _place(place: Place) -> Expr:
    if place.kind == "account":
        return _id(place.name)
    return _unit(None if place.kind == "root" else place.name)


def _with(organization: Organization, purpose: str) -> str | None:
    """Return the name of the account that is for something, where it is not the management one."""
    return next((name for name, it in organization.accounts.items() if it.purpose == purpose), None)


def _regions(system: System) -> list[str]:
    """Return every region in use, the root's own first."""
    return list(dict.fromkeys([system.state_region, *(it.region for it in system.scenes)]))


def _providers(system: System, root: Root, organization: Organization) -> Iterator[Part]:
    archive, security = _with(organization, "log-archive"), _with(organization, "security")
    if organization.audit.trail and archive:
        yield _other(root, "archive", archive, organization.accounts[archive], root.region)
    if organization.audit.threats:
        for region in _regions(system):
            if region != root.region:
                yield root.provider(address(region), region=region)
            if security:
                alias = address("security", region)
                yield _other(root, alias, security, organization.accounts[security], region)
    sign_on = organization.sign_on
    if sign_on and (sign_on.region or root.region) != root.region:
        yield root.provider("sign_on", region=sign_on.region or "")


def _other(root: Root, alias: str, name: str, account: Account, region: str) -> Block:
    role = Expr(
        f'"arn:{partition_of(region)}:iam::${{{_id(name).text}}}:role/${{var.access_role}}"'
    )
    return root.provider(alias, region=region, role=role, account=account.id)


def _audit(system: System, root: Root, organization: Organization) -> Iterator[Part]:
    archive, security = _with(organization, "log-archive"), _with(organization, "security")
    if organization.audit.trail:
        yield _trail(system, root, organization, archive)
    if organization.audit.threats:
        for region in _regions(system):
            yield _threats(root, region, security)
    if security:
        yield Comment("What can be reached from outside of the organization is found there.")
        yield block(
            "resource",
            "aws_organizations_delegated_administrator",
            "analyzer",
            {"account_id": _id(security), "service_principal": "access-analyzer.amazonaws.com"},
        )


def _trail(system: System, root: Root, organization: Organization, archive: str | None) -> Block:
    management = ref("module.organization.management_account")
    bucket = fit(
        f"{system.names.prefix}-trail-{state_bucket(system.blueprint.name)[-8:]}", "bucket"
    )
    given: dict[str, Value] = {
        "name": f"{system.names.prefix}-organization",
        "bucket": bucket,
        "organization_id": ref("module.organization.id"),
        "management_account": management,
        "archive_account": _id(archive) if archive else management,
        "region": root.region,
        "keep": organization.audit.keep,
    }
    other = {"aws": Expr("aws"), "aws.archive": Expr("aws.archive" if archive else "aws")}
    return module("trail", root.module("trail"), {"providers": _bare(other)}, given)


def _threats(root: Root, region: str, security: str | None) -> Block:
    here = "aws" if region == root.region else f"aws.{address(region)}"
    there = f"aws.{address('security', region)}" if security else here
    account = _id(security) if security else ref("module.organization.management_account")
    given: dict[str, Value] = {
        "security_account": account,
        "delegated": None if security else False,
    }
    providers = {"aws": Expr(here), "aws.security": Expr(there)}
    name = address("threats", region)
    return module(name, root.module("threats"), {"providers": _bare(providers)}, given)


def _bare(pairs: dict[str, Expr]) -> Expr:
    """Return the providers of a module: its names and ours, which are no texts on either side."""
    width = max(map(len, pairs))
    lines = [f"    {name.ljust(width)} = {ours.text}" for name, ours in pairs.items()]
    return Expr("\n".join(["{", *lines, "  }"]))


def _sign_on(system: System, root: Root, organization: Organization) -> Iterator[Part]:
    sign_on = organization.sign_on
    if sign_on is None:
        return
    elsewhere = (sign_on.region or root.region) != root.region
    assigned = sorted({name for it in sign_on.assignments for name in it.accounts})
    given: dict[str, Value] = {
        "permission_sets": {
            name: _permission_set(system, it) for name, it in sign_on.permission_sets.items()
        },
        "assignments": _assignments(sign_on),
        "accounts": {name: _id(name) for name in assigned},
    }
    providers: dict[str, Value] | None = (
        {"providers": _bare({"aws": Expr("aws.sign_on")})} if elsewhere else None
    )
    yield Comment(_source(sign_on))
    yield module("sign_on", root.module("sign-on"), providers, given)


def _source(sign_on: SignOn) -> str:
    match sign_on.source.kind:
        case "active-directory":
            people = f"the Active Directory {sign_on.source.domain}"
        case "external":
            people = sign_on.source.name
        case _:
            people = "Identity Center itself"
    return f"People and groups are kept in {people}. Groups are looked up there."


def _assignments(sign_on: SignOn) -> list[Value]:
    return [
        {
            "group": _group(sign_on, it.group),
            "permission_set": it.permission_set,
            "account": account,
        }
        for it in sign_on.assignments
        for account in it.accounts
    ]


def _group(sign_on: SignOn, group: str) -> str:
    """Return a group's name in Identity Center: those of a directory carry its domain."""
    if isinstance(sign_on.source, ActiveDirectory) and "@" not in group:
        return f"{group}@{sign_on.source.domain}"
    return group


def _permission_set(system: System, it: PermissionSet) -> dict[str, Value]:
    own = _own_policy(system, it.policy_file) if it.policy_file else None
    return {
        key: value
        for key, value in {
            "description": it.description or None,
            "hours": it.session_hours,
            "policies": list(it.policies) or None,
            "own": own,
        }.items()
        if value is not None
    }


def _own_policy(system: System, path: str) -> Value:
    try:
        return call("jsonencode", json.loads(system.texts[path]))
    except (KeyError, ValueError):
        hint = "it has to be a JSON file beside the blueprint"
        raise CloudError("the policy cannot be read", where=path, hint=hint) from None


def _outputs(organization: Organization) -> list[Output]:
    numbers: dict[str, Value] = {name: _id(name) for name in organization.accounts}
    outputs = [
        Output("id", ref("module.organization.id"), "The organization."),
        Output("accounts", numbers, "The accounts' numbers, by name."),
    ]
    if organization.sign_on:
        sets = ref("module.sign_on.permission_set_arns")
        outputs.append(Output("permission_sets", sets, "The permission sets, by name."))
    return outputs
