"""The first root: the bucket that keeps the state of all others, and its own."""

from matapalo.cloud.hcl import module, ref
from matapalo.cloud.root import Output, Root, Variable
from matapalo.cloud.scene import System
from matapalo.cloud.tree import Tree

_README = """\
# bootstrap

Makes the bucket that keeps every state (in the account {account}), and then moves its own into it.

The first time there is no bucket yet, so the state begins on this machine:

```sh
printf 'terraform {{\\n  backend "local" {{}}\\n}}\\n' > first_override.tf
terraform init
terraform apply
rm first_override.tf
terraform init -migrate-state -force-copy
rm terraform.tfstate*
```

From then on, `terraform init` and `terraform apply` as everywhere.

Accounts that did not exist when the blueprint was rendered have no number in it. Once
`organization` has made them, give their numbers in `accounts` (a file `terraform.tfvars` beside
this one: `accounts = {{ prod = "123456789012" }}`) and apply again: until then the roles of
such an account cannot reach their states.
"""


def render(system: System) -> Tree:
    """Return the root."""
    name, number = keeper(system)
    root = Root.shared(system, "bootstrap", account=number)
    known = {
        scene.environment: scene.account for scene in system.scenes if scene.account is not None
    }
    management = system.account("management")
    variables = [
        Variable(
            "accounts",
            "map(string)",
            "The number of each environment's account, by environment.",
            known,
        )
    ]
    state = module(
        "state",
        root.module("state"),
        {
            "bucket": system.first.bucket,
            "accounts": ref("var", "accounts"),
            "management_account": management[1].id if management else None,
        },
    )
    outputs = [
        Output("bucket", ref("module", "state", "bucket"), "The bucket of all states."),
        Output("key_arn", ref("module", "state", "key_arn"), "The key that encrypts them."),
    ]
    readme = {"README.md": _README.format(account=name or "that you are signed on to")}
    return root.tree(main=[state], outputs=outputs, variables=variables, extra=readme)


def keeper(system: System) -> tuple[str, str | None]:
    """Return the account that keeps the states: its name and, where it is known, its number.

    It is the one that the blueprint names, else the one for delivery, else the first environment's.
    """
    delivery = system.blueprint.delivery
    named = delivery.state.account if delivery else None
    found = system.account("delivery")
    name = named or (found[0] if found else system.first.it.account) or ""
    account = system.first.accounts.get(name)
    return name, account.id if account else None
