#!/usr/bin/env bash
# Encodes a CSV file of contacts with clkhash, the hashing tool of anonlink, and prints one JSON object:
# rows, seconds, version. The file is that of benches/prepare.rs. The tool is installed once, under target/.
#   benches/peers/clkhash.sh FILE
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
place=${CARGO_TARGET_DIR:-$here/../../target}/peers/clkhash
wanted=$(cat "$here/clkhash.txt")
if [ "$(cat "$place/installed" 2>/dev/null)" != "$wanted" ]; then
  rm -rf "$place"
  python3 -m venv "$place" >&2
  "$place/bin/pip" install --quiet --disable-pip-version-check -r "$here/clkhash.txt" >&2
  printf '%s\n' "$wanted" > "$place/installed"
fi
exec "$place/bin/python" -W ignore "$here/clkhash_rate.py" "$1"
