"""The script by which people move slices in the cluster."""

from matapalo.cloud.kubernetes.reaching import reaching
from matapalo.cloud.roots.own import NAMESPACE
from matapalo.cloud.scene import System
from matapalo.cloud.tree import Tree

_SCRIPT = """\
#!/bin/sh
# Runs a verb of `matapalo` beside the conductor of an environment, in its pod:
#
#     kubernetes/conduct.sh prod slices
#     kubernetes/conduct.sh prod advance payments --to shadowing
#
# Whoever may run commands in the namespace {namespace} may move slices. The ledger names who did.
set -eu

environment=${{1:?name an environment, and a verb of matapalo}}
shift
{reaching}
who=$(aws sts get-caller-identity --query Arn --output text)
terminal=
if [ -t 0 ] && [ -t 1 ]; then terminal=-it; fi
kubectl -n {namespace} exec $terminal deployment/conductor -c conductor -- \\
  env MATAPALO_WHO="$who" matapalo "$@"
"""


def render(system: System) -> Tree:
    """Return the script."""
    text = _SCRIPT.format(namespace=NAMESPACE, reaching=reaching(system))
    return Tree({"kubernetes/conduct.sh": text})
