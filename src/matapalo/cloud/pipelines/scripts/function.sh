#!/bin/sh
# Publishes a version of a function and shifts its callers to it in steps; an alarm takes them back.
#
#     pipelines/function.sh NAME FOLDER
#
# FOLDER is the code; what its requirements.txt names is packed with it, for the machine and the Python
# that the function has. STEPS are the shares of calls in between (0.1 0.5), PAUSE the seconds that each
# is watched: its alarms look at minutes, and tell of them a little later. One that was on before says
# nothing of the new version: what mends a function has to get through. Whatever ends this in between,
# callers are back where they were.
set -eu
name=$1 folder=$2
steps=${STEPS:-0.1 0.5} pause=${PAUSE:-180}

work=$(mktemp -d)
shifting=

shift_to() {
  aws lambda update-alias --function-name "$name" --name live --function-version "$1" \
    --routing-config "{\"AdditionalVersionWeights\": {$2}}" >/dev/null
}

ended() {
  rm -rf "$work"
  if [ -n "$shifting" ]; then
    shift_to "$before" ""
    echo "$name: back to version $before" >&2
  fi
}
trap ended EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

about=$(aws lambda get-function-configuration --function-name "$name" \
  --query '[Runtime, Architectures[0]]' --output text)
runtime=$(echo "$about" | cut -f 1) machine=$(echo "$about" | cut -f 2)

mkdir "$work/code"
if [ -f "$folder/requirements.txt" ]; then
  if [ "$machine" = arm64 ]; then machine=aarch64; fi
  case $runtime in
    python3.11) kinds="2014 _2_17" ;; # the last on Amazon Linux 2, whose glibc is 2.26
    *) kinds="2014 _2_17 _2_28 _2_34" ;;
  esac
  set -- --only-binary :all: --implementation cp --python-version "${runtime#python}"
  for kind in $kinds; do set -- "$@" --platform "manylinux${kind}_$machine"; done
  python3 -m pip install --quiet --disable-pip-version-check --no-compile --target "$work/code" \
    --requirement "$folder/requirements.txt" "$@"
  rm -rf "$work/code/bin"
fi
cp -R "$folder"/. "$work/code/"
python3 - "$work/code" "$work/code.zip" <<'PYTHON'
# The same files give the same bytes, whenever they were written.
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

LEFT_OUT = {"__pycache__", ".venv", ".git", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
folder, target = Path(sys.argv[1]), sys.argv[2]
files = {
    path.relative_to(folder).as_posix(): path
    for path in folder.rglob("*")
    if path.is_file() and path.suffix != ".pyc" and not LEFT_OUT & {*path.relative_to(folder).parts}
}
with ZipFile(target, "w", ZIP_DEFLATED) as zipped:
    for name in sorted(files):
        entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        entry.external_attr = 0o644 << 16
        zipped.writestr(entry, files[name].read_bytes(), ZIP_DEFLATED)
PYTHON

before=$(aws lambda get-alias --function-name "$name" --name live --query FunctionVersion --output text)
aws lambda update-function-code --function-name "$name" --zip-file "fileb://$work/code.zip" >/dev/null
aws lambda wait function-updated --function-name "$name"
version=$(aws lambda publish-version --function-name "$name" --query Version --output text)
if [ "$version" = "$before" ]; then
  shift_to "$version" ""
  echo "$name: version $version is in use already"
  exit 0
fi

alarms() {
  aws cloudwatch describe-alarms --state-value ALARM \
    --alarm-names "$name-errors" "$name-failed" "$name-slow" "$name-throttles" \
    --query 'MetricAlarms[].AlarmName' --output text
}

watch() {
  # In the background, so that whoever ends this need not wait.
  sleep "$pause" >/dev/null 2>&1 &
  wait "$!"
  on=$(alarms)
  for alarm in $on; do
    case " $known None " in
      *[[:space:]]"$alarm"[[:space:]]*) ;;
      *)
        echo "$name: $alarm is on" >&2
        return 1
        ;;
    esac
  done
}

# Version $LATEST has no number to share calls with.
if [ "$before" != "\$LATEST" ]; then
  known=$(alarms)
  shifting=yes
  for share in $steps; do
    shift_to "$before" "\"$version\": $share"
    echo "$name: version $version answers $share of the calls"
    watch
  done
fi
shift_to "$version" ""
shifting=
echo "$name: version $version answers"
