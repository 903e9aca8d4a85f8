"""The script that applies a folder of manifests."""

from matapalo.cloud.kubernetes.reaching import reaching
from matapalo.cloud.scene import System
from matapalo.cloud.tree import Tree

_SCRIPT = """\
#!/bin/sh
# Applies the manifests of one namespace to the cluster of an environment, and waits until they run:
#
#     kubernetes/apply.sh prod payments 1.4.2
#
# What only Terraform knows stands in them as ${{NAME}}. It is read from the parameters
# /{system}-<environment>/<namespace>/NAME; another namespace's are ${{NAMESPACE_NAME}}. TAG is the
# tag of images that were built here. Nothing is applied if anything is left open.
set -eu

environment=$1 namespace=$2
export TAG="${{3:-latest}}"
folder=$(dirname "$0")/$environment/$namespace
prefix=/{system}-$environment
{reaching}
account=$(aws sts get-caller-identity --query Account --output text)
fill=$scratch/fill
{{
  printf 'REGISTRY\\t%s\\n' "$account.dkr.ecr.$AWS_REGION.amazonaws.com"
  printf 'ACCOUNT\\t%s\\n' "$account"
  printf 'TAG\\t%s\\n' "$TAG"
  aws ssm get-parameters-by-path --path "$prefix" --recursive --with-decryption \\
    --query 'Parameters[].[Name,Value]' --output text
}} | while IFS='	' read -r name value; do
  known=${{name#"$prefix/"}}
  case $known in
    "$namespace"/*) known=${{known#*/}} ;;
    *) known=$(printf '%s' "$known" | tr 'a-z/-' 'A-Z__') ;;
  esac
  printf 's|${{%s}}|%s|g\\n' "$known" "$(printf '%s' "$value" | sed 's/[&|\\\\]/\\\\&/g')"
done >"$fill"

filled=$(for file in "$folder"/namespace.yaml "$folder"/*.yaml; do
  printf -- '---\\n'
  sed -f "$fill" "$file"
done)
open=$(printf '%s\\n' "$filled" | sed 's/[$][$]{{//g' | grep -o '${{[A-Z0-9_]*}}' | sort -u || true)
if [ -n "$open" ]; then
  printf 'not known yet: %s\\n' "$open" >&2
  exit 1
fi
printf '%s\\n' "$filled" | kubectl apply --server-side --field-manager matapalo -f -
kubectl -n "$namespace" rollout status deployment --timeout 10m
"""


def render(system: System) -> Tree:
    """Return the script."""
    return Tree(
        {
            "kubernetes/apply.sh": _SCRIPT.format(
                system=system.blueprint.name, reaching=reaching(system)
            )
        }
    )
