"""How a script reaches the cluster of an environment, whatever `kubectl` is set to."""

from matapalo.cloud.scene import System

_TEXT = """\
case $environment in
{cases}
  *) echo "there is no environment $environment" >&2 && exit 1 ;;
esac
export AWS_REGION

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export KUBECONFIG="$scratch/kubeconfig"
aws eks update-kubeconfig --name "$cluster" --kubeconfig "$KUBECONFIG" >/dev/null
"""


def reaching(system: System) -> str:
    """Return the lines that set `cluster` and `AWS_REGION` by `$environment`.

    They make a folder `$scratch`, which goes when the script ends.
    """
    cases = (
        f"  {it.environment}) cluster={it.names.of('cluster')} AWS_REGION={it.region} ;;"
        for it in system.scenes
    )
    return _TEXT.format(cases="\n".join(cases))
