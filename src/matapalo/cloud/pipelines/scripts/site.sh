#!/bin/sh
# Puts a site's files into its bucket, and tells CloudFront.
#
#     pipelines/site.sh FOLDER BUCKET PATH DISTRIBUTION
#
# PATH is where the site begins (`/`, `/app`). Pages are asked for anew each time; files whose name
# carries a hash of their content (app.3f9c2a1b.js) for a year. Files go first and pages last, so that
# no page names a file that is not there yet. What is no longer there is taken out at the end.
set -eu
folder=$1 bucket=$2 path=${3%/} distribution=${4:-}
target="s3://$bucket$path/"
hashed='.*[.-][0-9a-f]{8,}\.[a-z0-9.]+$'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$folder" && find . -type f | sed 's|^\./||' | sort) >"$work/all"
grep -E "$hashed" "$work/all" >"$work/hashed" || true
grep -Ev "$hashed" "$work/all" | grep -v '\.html$' >"$work/plain" || true
grep '\.html$' "$work/all" >"$work/pages" || true

put() {
  while IFS= read -r file; do
    aws s3 cp --only-show-errors --cache-control "$2" "$folder/$file" "$target$file"
  done <"$1"
}

put "$work/hashed" 'public, max-age=31536000, immutable'
put "$work/plain" 'public, max-age=300'
put "$work/pages" 'no-cache'

aws s3 sync --only-show-errors --delete --size-only "$folder" "$target"
if [ -n "$distribution" ]; then
  aws cloudfront create-invalidation --distribution-id "$distribution" --paths "$path/*" >/dev/null
fi
