#!/bin/sh
# One root of Terraform: check | plan | apply.
#
#     pipelines/root.sh plan roots/prod/network
#
# `plan` leaves the plan in the file `plan`, and says by its status whether it changes anything: 0 no,
# 2 yes. `apply` does that very plan, and no other. Roots with functions begin with zips, which are made
# of the blueprint (MATAPALO_BLUEPRINT, `matapalo.yaml` beside the render if not given) before both: the
# same files make the same bytes. Where there is no `matapalo`, the wheel in `wheels/` is installed, as
# into the image, or what MATAPALO names; never whatever has the name in an index.
set -eu
what=$1 root=$2
render=$(cd "$(dirname "$0")/.." && pwd)
cd "$render/$root"

packages() {
  if ! grep -qs '^variable "packages"' variables.tf; then
    return
  fi
  environment=${root#roots/}
  program=$(command -v matapalo || true)
  if [ -z "$program" ]; then
    tools=$(mktemp -d)
    trap 'rm -rf "$tools"' EXIT
    python3 -m venv "$tools"
    wheel=$(find "$render/wheels" -name 'matapalo-*.whl' 2>/dev/null | head -n 1)
    wanted=${MATAPALO:-$wheel}
    "$tools/bin/pip" install --quiet "${wanted:?put a wheel of matapalo into wheels/, or name it in MATAPALO}"
    program=$tools/bin/matapalo
  fi
  "$program" package --blueprint "${MATAPALO_BLUEPRINT:-$render/../matapalo.yaml}" \
    --env "${environment%%/*}" --out "$render/packages"
}

case $what in
  check)
    terraform fmt -check -diff
    terraform init -backend=false -input=false
    terraform validate
    ;;
  plan)
    packages
    terraform init -input=false
    terraform validate
    terraform plan -input=false -lock-timeout=5m -detailed-exitcode -out=plan
    ;;
  apply)
    packages
    terraform init -input=false
    terraform apply -input=false -lock-timeout=5m plan
    ;;
  *)
    echo "check, plan or apply: not $what" >&2
    exit 64
    ;;
esac
