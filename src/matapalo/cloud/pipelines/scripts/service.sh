#!/bin/sh
# Builds a service's image, pushes it, brings it into the cluster, and undoes that if it does not run.
#
#     pipelines/service.sh CLUSTER NAMESPACE NAME IMAGE [FOLDER]
#
# IMAGE is the full name with its tag. With FOLDER (it holds a Dockerfile) it is built and pushed, after
# the stage `test` of that file, where it has one; a tag that is there already is taken as it is, so that
# a run can be repeated.
set -eu
cluster=$1 namespace=$2 name=$3 image=$4 folder=${5:-}

if [ -n "$folder" ]; then
  registry=${image%%/*} rest=${image#*/}
  repository=${rest%:*} tag=${rest##*:}
  aws ecr get-login-password | docker login --username AWS --password-stdin "$registry"
  if ! aws ecr describe-images --repository-name "$repository" --image-ids imageTag="$tag" >/dev/null 2>&1; then
    if grep -Eiq '^FROM .* AS test *$' "$folder/Dockerfile"; then
      docker build --pull --platform "${PLATFORM:-linux/arm64}" --target test "$folder"
    fi
    docker build --pull --platform "${PLATFORM:-linux/arm64}" --tag "$image" "$folder"
    docker push "$image"
  fi
  aws ecr wait image-scan-complete --repository-name "$repository" --image-id imageTag="$tag"
  critical=$(aws ecr describe-image-scan-findings --repository-name "$repository" \
    --image-id imageTag="$tag" --query 'imageScanFindings.findingSeverityCounts.CRITICAL' --output text)
  case $critical in
    None | 0) ;;
    *)
      echo "$image has $critical critical findings: it is not deployed" >&2
      exit 1
      ;;
  esac
fi

aws eks update-kubeconfig --name "$cluster"
kubectl -n "$namespace" set image "deployment/$name" "$name=$image"
if ! kubectl -n "$namespace" rollout status "deployment/$name" --timeout 10m; then
  echo "$name does not run: back to the version before" >&2
  kubectl -n "$namespace" rollout undo "deployment/$name"
  kubectl -n "$namespace" rollout status "deployment/$name" --timeout 10m
  exit 1
fi
