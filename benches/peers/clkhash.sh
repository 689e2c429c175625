#!/usr/bin/env bash
# Encodes a CSV file of contacts with clkhash, the hashing tool of anonlink, and prints one JSON object:
# rows, seconds, version. The file is that of benches/prepare.rs. The tool is installed once, under target/.
#   benches/peers/clkhash.sh FILE
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
place=${CARGO_TARGET_DIR:-$here/../../target}/peers/clkhash
. "$here/../../tests/install.sh"
environment "$place" "$here/clkhash.txt"
exec "$place/bin/python" -W ignore "$here/clkhash_rate.py" "$1"
