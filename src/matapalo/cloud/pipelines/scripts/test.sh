#!/bin/sh
# Runs the tests of a folder with Python, where it has any, in an environment of their own.
#
#     pipelines/test.sh FOLDER
#
# They are in FOLDER/tests. They find the code, what its requirements.txt names, and what a
# requirements.txt of their own does.
set -eu
folder=$1
if [ ! -d "$folder/tests" ]; then
  echo "$folder has no tests"
  exit 0
fi

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
python3 -m venv "$tools"
cd "$folder"
set -- pytest
for needs in requirements.txt tests/requirements.txt; do
  if [ -f "$needs" ]; then set -- "$@" --requirement "$needs"; fi
done
"$tools/bin/pip" install --quiet --disable-pip-version-check "$@"
"$tools/bin/python" -m pytest tests
