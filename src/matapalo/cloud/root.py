"""One root: a directory that Terraform is run in. Its standard files are made here.

Root(scene, "prod/network").tree(main=[…], outputs=[…])
  versions.tf   what runs it
  backend.tf    where its state is kept
  providers.tf  which account and region, and what everything is marked with
  account.tf    whose account it is, where a name has its number in it
  remote.tf     the outputs of other roots that it reads, where it reads any
  variables.tf  what a person has to give, where anything
  main.tf …     the calls of modules
  outputs.tf    what other roots may read
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matapalo.cloud.hcl import Block, Expr, Part, Value, block, text
from matapalo.cloud.names import Names, address, state_key
from matapalo.cloud.scene import ASKED, Scene, System
from matapalo.cloud.tree import Tree

TERRAFORM = ">= 1.11"
PROVIDER = "~> 5.100"


@dataclass(frozen=True, slots=True)
class Variable:
    """What a root is given. `type` is as Terraform writes it; without a default it is needed."""

    name: str
    type: str
    description: str
    default: Value | None = None
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """What a root tells to others."""

    name: str
    value: Value
    description: str
    sensitive: bool = False


@dataclass(frozen=True)
class Root:
    """Where a root lies, below `roots/`, and what its standard files say."""

    path: str
    region: str
    account: str | None
    bucket: str
    bucket_region: str
    tags: Mapping[str, str]

    @classmethod
    def of(cls, system: System, scene: Scene, name: str) -> "Root":
        """Return the root of that name of one environment."""
        names, given = scene.names, scene.blueprint.tags
        return cls(
            path=f"{scene.environment}/{name}",
            region=scene.region,
            account=scene.account,
            bucket=scene.bucket,
            bucket_region=system.state_region,
            tags=names.tags(given),
        )

    @classmethod
    def shared(cls, system: System, name: str, *, account: str | None, region: str = "") -> "Root":
        """Return a root that all environments share, in the account with that number."""
        return cls(
            path=name,
            region=region or system.state_region,
            account=account,
            bucket=system.first.bucket,
            bucket_region=system.state_region,
            tags=Names(system.blueprint.name).tags(system.blueprint.tags),
        )

    def module(self, name: str) -> str:
        """Return where a module lies, seen from here: `../../../modules/network`."""
        return f"{'../' * (self.path.count('/') + 2)}modules/{name}"

    def tree(
        self,
        *,
        main: Iterable[Part],
        outputs: Iterable[Output] = (),
        variables: Iterable[Variable] = (),
        reads: Iterable[str] = (),
        providers: Iterable[Part] = (),
        more: Mapping[str, Iterable[Part]] | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> Tree:
        """Return the root's files, below `roots/`.

        `reads` are paths of roots whose outputs it uses (see `read`); `providers` further ones;
        `more` further files of blocks by name, `extra` further texts.
        """
        files: dict[str, Iterable[Part]] = {
            "versions.tf": [_versions()],
            "backend.tf": [self._backend()],
            "providers.tf": [self.provider(), *providers],
            "remote.tf": [self._remote(path) for path in reads],
            "variables.tf": [_variable(each) for each in variables],
            "main.tf": main,
            "outputs.tf": [_output(each) for each in outputs],
            **(more or {}),
        }
        texts = {name: text(parts) for name, parts in files.items()} | dict(extra or {})
        if any(f"{ASKED}." in said for said in texts.values()):
            texts["account.tf"] = text([block("data", "aws_caller_identity", "this")])
        return Tree({name: said for name, said in texts.items() if said}).under(
            f"roots/{self.path}"
        )

    def provider(
        self, alias: str | None = None, *, region: str = "", role: Value | None = None,
        account: str | None = None,
    ) -> Block:  # fmt: skip
        """Return a provider of this root's account, or (as `role`, in `account`) of another one."""
        here = self.account if role is None else account
        return block(
            "provider",
            "aws",
            {"alias": alias},
            {"region": region or self.region, "allowed_account_ids": [here] if here else None},
            block("assume_role", {"role_arn": role}) if role is not None else None,
            block("default_tags", {"tags": self.tags}),
        )

    def _backend(self) -> Block:
        keeps: dict[str, Value] = {
            "bucket": self.bucket,
            "key": state_key(self.path),
            "region": self.bucket_region,
            "encrypt": True,
            "use_lockfile": True,
        }
        return block("terraform", block("backend", "s3", keeps))

    def _remote(self, path: str) -> Block:
        config = {"bucket": self.bucket, "key": state_key(path), "region": self.bucket_region}
        return block(
            "data", "terraform_remote_state", address(path), {"backend": "s3", "config": config}
        )


def read(path: str, output: str) -> Expr:
    """Return an output of another root, which this one names in `reads`."""
    return Expr(f"data.terraform_remote_state.{address(path)}.outputs.{output}")


def _versions() -> Block:
    aws: Mapping[str, Value] = {"aws": {"source": "hashicorp/aws", "version": PROVIDER}}
    return block("terraform", {"required_version": TERRAFORM}, block("required_providers", aws))


def _variable(it: Variable) -> Block:
    given: dict[str, Value] = {"description": it.description, "type": Expr(it.type)}
    if it.default is not None:
        given["default"] = it.default
    if it.sensitive:
        given["sensitive"] = True
    return block("variable", it.name, given)


def _output(it: Output) -> Block:
    said: dict[str, Value] = {"description": it.description, "value": it.value}
    if it.sensitive:
        said["sensitive"] = True
    return block("output", it.name, said)
