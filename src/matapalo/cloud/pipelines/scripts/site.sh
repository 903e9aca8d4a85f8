#!/bin/sh
# Puts a site's files into its bucket, and tells CloudFront.
#
#     pipelines/site.sh FOLDER BUCKET PATH DISTRIBUTION
#
# PATH is where the site begins (`/`, `/app`). Pages are asked for anew each time; files whose name
# carries a hash of their content (app.3f9c2a1b.js) for a year: digits alone may be a date. Files go
# first and pages last, so that no page names a file that is not there yet. What is no longer there is
# taken out at the end.
set -eu
folder=$1 bucket=$2 path=${3%/} distribution=${4:-}
target="s3://$bucket$path/"
hashed='[.-][0-9a-f]{8,}\.[A-Za-z0-9.]+$'
dated='[.-][0-9]{8,}\.[A-Za-z0-9.]+$'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

kind_of() {
  case $1 in
    *.html) echo pages ;;
    *) if echo "$1" | grep -Ev "$dated" | grep -Eq "$hashed"; then echo hashed; else echo plain; fi ;;
  esac
}

find -L "$folder" -type f >"$work/all"
while IFS= read -r file; do
  name=${file#"$folder"/}
  place=$work/$(kind_of "$name")/$name
  mkdir -p "${place%/*}"
  cp "$file" "$place"
done <"$work/all"

put() {
  if [ -d "$work/$1" ]; then
    aws s3 cp --only-show-errors --recursive --cache-control "$2" "$work/$1" "$target"
  fi
}

put hashed 'public, max-age=31536000, immutable'
put plain 'public, max-age=300'
put pages 'no-cache'

aws s3 sync --only-show-errors --delete --size-only "$folder" "$target"
if [ -n "$distribution" ]; then
  aws cloudfront create-invalidation --distribution-id "$distribution" --paths "$path/*" >/dev/null
fi
