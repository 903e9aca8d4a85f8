"""What things are called: names in AWS, tags, addresses in Terraform, keys of state.

    name      <system>-<environment>-<product>-<thing>     wallet-prod-payments-ledger
    bucket    …-<account's number>                         one name in the whole world
    address   <thing>, hyphens as underscores              module.ledger_archive
    state     <environment>/<root>.tfstate                 prod/products/payments.tfstate

A name that is longer than AWS takes is cut, and ends with six digits made of the whole of it: it
stays the same, and stays apart from others.
"""

from dataclasses import dataclass
from hashlib import sha256

LONGEST = {
    "role": 64,
    "function": 64,
    "bucket": 63,
    "cluster": 63,
    "balancer": 32,
    "target-group": 32,
    "cache": 40,
    "rule": 64,
    "queue": 80,
    "topic": 256,
    "alias": 256,
    "log-group": 512,
    "security-group": 255,
    "web-acl": 128,
    "permission-set": 32,
    "policy": 128,
    "project": 150,
    "pipeline": 100,
    "secret": 512,
    "replication": 63,
}
"""How many characters AWS takes for a name, by kind of thing."""

DIGITS = 6


def fit(name: str, kind: str) -> str:
    """Return a name that AWS takes for a kind of thing (a key of LONGEST)."""
    return shortened(name, LONGEST[kind])


def shortened(name: str, longest: int) -> str:
    """Return the name, or its beginning and six digits of its hash where it is too long."""
    if len(name) <= longest:
        return name
    digits = sha256(name.encode()).hexdigest()[:DIGITS]
    return f"{name[: longest - DIGITS - 1].rstrip('-')}-{digits}"


def address(*names: str) -> str:
    """Return a name as Terraform addresses have it: `address("pay", "role")` is `pay_role`."""
    return "_".join(names).replace("-", "_").replace("/", "_")


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one environment of one system; `environment` is empty for what all share."""

    system: str
    environment: str = ""

    @property
    def prefix(self) -> str:
        """What every name begins with: `wallet-prod`."""
        return f"{self.system}-{self.environment}" if self.environment else self.system

    def of(self, kind: str, *names: str) -> str:
        """Return the name of a thing of this kind: `of("role", "payments", "pay")`."""
        return fit("-".join([self.prefix, *names]), kind)

    def tags(self, given: dict[str, str]) -> dict[str, str]:
        """Return what everything is marked with: the blueprint's own tags, and whose it is."""
        own = {"matapalo:system": self.system, "matapalo:managed-by": "terraform"}
        if self.environment:
            own["matapalo:environment"] = self.environment
        return dict(sorted({**given, **own}.items()))


def state_key(path: str) -> str:
    """Return where a root keeps its state: the path below `roots/`, as one object."""
    return f"{path}.tfstate"


def product_root(product: str) -> str:
    """Return where a product's root lies in its environment."""
    return f"products/{product}"


def state_bucket(system: str) -> str:
    """Return the name of the bucket of all states, where the blueprint gives none."""
    digits = sha256(f"matapalo state {system}".encode()).hexdigest()[:8]
    return f"{system}-state-{digits}"
