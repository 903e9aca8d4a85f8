#!/bin/sh
# One root of Terraform: check | plan | apply.
#
#     pipelines/root.sh plan roots/prod/network
#
# `plan` leaves the plan in the file `plan`, and says by its status whether it changes anything: 0 no,
# 2 yes. `apply` does that very plan, and no other.
set -eu
what=$1
cd "$(dirname "$0")/../$2"

case $what in
  check)
    terraform fmt -check -diff
    terraform init -backend=false -input=false
    terraform validate
    ;;
  plan)
    terraform init -input=false
    terraform validate
    terraform plan -input=false -lock-timeout=5m -detailed-exitcode -out=plan
    ;;
  apply)
    terraform init -input=false
    terraform apply -input=false -lock-timeout=5m plan
    ;;
  *)
    echo "check, plan or apply: not $what" >&2
    exit 64
    ;;
esac
