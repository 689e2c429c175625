#!/usr/bin/env bash
# Runs one peer on the plain files of benches/matching.rs and prints one JSON object. The peers are
# installed once, in an environment of their own under target/.
#   benches/peers/matching.sh PEER QUESTION FOLDER THREADS
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
place=${CARGO_TARGET_DIR:-$here/../../target}/peers/matching
wanted=$(cat "$here/matching.txt")
if [ "$(cat "$place/installed" 2>/dev/null)" != "$wanted" ]; then
  rm -rf "$place"
  python3 -m venv "$place" >&2
  "$place/bin/pip" install --quiet --disable-pip-version-check -r "$here/matching.txt" >&2
  printf '%s\n' "$wanted" > "$place/installed"
fi
export POLARS_MAX_THREADS=$4 RAYON_NUM_THREADS=$4 TOKIO_WORKER_THREADS=$4 OMP_NUM_THREADS=$4
exec "$place/bin/python" "$here/matching.py" "$@"
