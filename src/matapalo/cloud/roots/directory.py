"""The connector to an Active Directory, in the management account, where one is wanted."""

from matapalo.blueprint import ActiveDirectory, Blueprint
from matapalo.cloud.hcl import Comment, module, ref
from matapalo.cloud.root import Output, Root, Variable
from matapalo.cloud.scene import System
from matapalo.cloud.tree import Tree


def render(system: System) -> Tree:
    """Return the root; nothing where people are kept elsewhere, or AWS has it already."""
    source = _source(system.blueprint)
    if source is None:
        return Tree()
    management = system.account("management")
    sign_on = system.blueprint.organization and system.blueprint.organization.sign_on
    root = Root.shared(
        system,
        "directory",
        account=management[1].id if management else None,
        region=(sign_on.region if sign_on else None) or "",
    )
    link = f" by the link {source.link}" if source.link else ""
    connector = module(
        "directory",
        root.module("directory"),
        {
            "domain": source.domain,
            "servers": list(source.servers),
            "user": source.user,
            "password_secret": ref("var.password_secret"),
            "vpc_id": ref("var.vpc_id"),
            "subnet_ids": ref("var.subnet_ids"),
        },
    )
    return root.tree(
        main=[Comment(f"Asks the domain controllers of {source.domain}{link}."), connector],
        variables=_variables(system, source),
        outputs=[
            Output(
                "directory_id",
                ref("module.directory.id"),
                "The directory, which Identity Center is told to take people from.",
            )
        ],
    )


def _variables(system: System, source: ActiveDirectory) -> list[Variable]:
    secret = source.password.secret if source.password else "directory"
    known = system.blueprint.secrets.get(secret)
    name = (known.existing if known else None) or f"{system.blueprint.name}/{secret}"
    what = "A network of the management account from which the domain controllers are reached."
    return [
        Variable("vpc_id", "string", what),
        Variable("subnet_ids", "list(string)", "Two of its subnets, in two zones."),
        Variable(
            "password_secret", "string", "The secret there that holds the user's password.", name
        ),
    ]


def _source(blueprint: Blueprint) -> ActiveDirectory | None:
    sign_on = blueprint.organization.sign_on if blueprint.organization else None
    source = sign_on.source if sign_on else None
    if isinstance(source, ActiveDirectory) and source.servers and source.directory_id is None:
        return source
    return None
