#!/bin/sh
# Brings a program that a build on CodeBuild lacks, and compares it with its maker's checksum.
#
#     pipelines/tools.sh terraform [VERSION] | kubectl VERSION
set -eu
what=$1
case $(uname -m) in
  aarch64) machine=arm64 ;;
  *) machine=amd64 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

case $what in
  terraform)
    version=${2:-1.11.4}
    from=https://releases.hashicorp.com/terraform/$version
    zip=terraform_${version}_linux_$machine.zip
    curl --fail --silent --show-error --location --remote-name "$from/$zip"
    curl --fail --silent --show-error --location "$from/terraform_${version}_SHA256SUMS" >sums
    grep -F " $zip" sums | sha256sum --check --quiet
    unzip -q "$zip" terraform
    ;;
  kubectl)
    from=https://dl.k8s.io/release/$2/bin/linux/$machine/kubectl
    curl --fail --silent --show-error --location --remote-name "$from"
    echo "$(curl --fail --silent --show-error --location "$from.sha256")  kubectl" | sha256sum --check --quiet
    ;;
  *)
    echo "terraform or kubectl: not $what" >&2
    exit 64
    ;;
esac
install -m 0755 "$what" "${TOOLS:-/usr/local/bin}/$what"
