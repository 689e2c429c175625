#!/usr/bin/env bash
# Runs one peer on the plain files of benches/matching.rs and prints one JSON object. The peers are
# installed once, in an environment of their own under target/.
#   benches/peers/matching.sh PEER QUESTION FOLDER THREADS
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
place=${CARGO_TARGET_DIR:-$here/../../target}/peers/matching
. "$here/../../tests/install.sh"
environment "$place" "$here/matching.txt"
export POLARS_MAX_THREADS=$4 RAYON_NUM_THREADS=$4 TOKIO_WORKER_THREADS=$4 OMP_NUM_THREADS=$4
exec "$place/bin/python" "$here/matching.py" "$@"
