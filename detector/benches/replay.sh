#!/usr/bin/env bash
# Measures replay: wall time and peak memory on a million records, beside jq and Python on the same files
# in the same run, and instructions a record. Needs GNU time and valgrind; jq and python3 where they are.
#
#   detector/benches/replay.sh [RECORDS]
#
# Machines are shared: of the times only the ratios mean anything, of the instructions every digit.
set -euo pipefail
cd "$(dirname "$0")/../.."
records=${1:-1000000}
corpus=target/corpus
replay="target/release/sentinel-tui replay --json"

cargo build --quiet --release -p sentinel-tui
make() { # NAME RECORDS FILES
  [ -d "$corpus/$1" ] || cargo run --quiet --release -p detector --no-default-features --features replay \
    --example corpus -- "$corpus/$1" "$2" "$3"
}
make "$records" "$records" $((records / 2475 + 1))
make ten 10000 4
make thirty 30000 12

timed() { # NAME COMMAND
  /usr/bin/time -f "$1: %e s wall, %U s user, %M KB peak" bash -c "$2" >/dev/null
}
for _ in 1 2 3; do
  timed replay "$replay $corpus/$records 2>/dev/null"
  timed 'replay, one core' "taskset -c 0 $replay $corpus/$records 2>/dev/null"
done
export files="$corpus/$records/AWSLogs/*/CloudTrail/*/*/*/*/*.gz"
if command -v jq >/dev/null; then
  timed 'zcat | jq -c' "zcat $files | jq -c '.Records[] | select(.eventSource == \"iam.amazonaws.com\" and .eventName == \"CreateUser\")'"
fi
if command -v python3 >/dev/null; then
  timed 'python3' "python3 -c '
import glob, gzip, json
print(sum(r[\"eventName\"] == \"CreateUser\" for f in glob.glob(\"$files\") for r in json.loads(gzip.open(f).read())[\"Records\"]))'"
fi

instructions() { # NAME
  taskset -c 0 valgrind --tool=callgrind --callgrind-out-file=/dev/null $replay "$corpus/$1" 2>&1 >/dev/null |
    sed -n 's/.*Collected : //p'
}
ten=$(instructions ten)
thirty=$(instructions thirty)
echo "$(((thirty - ten) / 20000)) instructions a record"
