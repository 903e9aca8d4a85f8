#!/bin/sh
# Publishes a version of a function and shifts its callers to it in steps; an alarm takes them back.
#
#     pipelines/function.sh NAME FOLDER
#
# FOLDER is the code; what its requirements.txt names is packed with it. STEPS are the shares of calls
# in between (0.1 0.5), PAUSE the seconds that each is watched.
set -eu
name=$1 folder=$2
steps=${STEPS:-0.1 0.5} pause=${PAUSE:-120}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$folder"/. "$work/"
if [ -f "$work/requirements.txt" ]; then
  python3 -m pip install --quiet --requirement "$work/requirements.txt" --target "$work" \
    --platform "${PIP_PLATFORM:-manylinux2014_aarch64}" --only-binary :all:
fi
python3 - "$work" "$work.zip" <<'PYTHON'
# The same files give the same bytes, whenever they were written.
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

folder, target = Path(sys.argv[1]), sys.argv[2]
with ZipFile(target, "w", ZIP_DEFLATED) as zipped:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            entry = ZipInfo(path.relative_to(folder).as_posix(), (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            zipped.writestr(entry, path.read_bytes(), ZIP_DEFLATED)
PYTHON
trap 'rm -rf "$work" "$work.zip"' EXIT

before=$(aws lambda get-alias --function-name "$name" --name live --query FunctionVersion --output text)
aws lambda update-function-code --function-name "$name" --zip-file "fileb://$work.zip" >/dev/null
aws lambda wait function-updated --function-name "$name"
version=$(aws lambda publish-version --function-name "$name" --query Version --output text)
if [ "$version" = "$before" ]; then
  echo "$name: version $version is in use already"
  exit 0
fi

shift_to() {
  aws lambda update-alias --function-name "$name" --name live --function-version "$1" \
    --routing-config "$2" >/dev/null
}

alarmed() {
  aws cloudwatch describe-alarms --alarm-name-prefix "$name" --state-value ALARM \
    --query 'MetricAlarms[].AlarmName' --output text
}

# Version $LATEST has no number to share calls with.
if [ "$before" != '$LATEST' ]; then
  for share in $steps; do
    shift_to "$before" "{\"AdditionalVersionWeights\": {\"$version\": $share}}"
    echo "$name: version $version answers $share of the calls"
    sleep "$pause"
    bad=$(alarmed)
    if [ -n "$bad" ] && [ "$bad" != None ]; then
      shift_to "$before" '{"AdditionalVersionWeights": {}}'
      echo "$name: back to version $before, because of $bad" >&2
      exit 1
    fi
  done
fi
shift_to "$version" '{"AdditionalVersionWeights": {}}'
echo "$name: version $version answers"
