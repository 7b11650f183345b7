#!/bin/sh
# A step of a CI job that ends with 0 only if a person approves. Whatever comes after it in the job then runs.
#
#   HARP_PAIRING=SECRET examples/ci-approval.sh 'Deploy 2.1' --severity high --param commit=4f1c2d9
#
# HARP_PAIRING  the content of ~/.harp/pairings/NAME.json, from the secrets of the CI; made by harp pair --name NAME
# HARP          the program harp; that of this checkout if not set
#
# The first argument is what is asked, the others are options of harp request. If the job is cancelled, the request is
# withdrawn. Exit status: that of harp request, 0 only for an approval, 10 for a denial.
set -eu
if [ $# -eq 0 ] || [ -z "${HARP_PAIRING:-}" ]; then
    echo "usage: HARP_PAIRING=SECRET ci-approval.sh ACTION [OPTION...]" >&2
    exit 2
fi
HARP=${HARP:-$(cd "$(dirname "$0")/.." && pwd)/harp}

# The keys are in a folder of their own, which goes with the step.
umask 077
HARP_HOME=$(mktemp -d)
export HARP_HOME
asking=
cancel() {
    [ -z "$asking" ] || kill "$asking" 2>/dev/null || :
    [ -z "$asking" ] || wait "$asking" || :
    exit 1
}
trap 'rm -rf "$HARP_HOME"' EXIT
trap cancel HUP INT TERM
mkdir "$HARP_HOME/pairings"
printf '%s\n' "$HARP_PAIRING" >"$HARP_HOME/pairings/ci.json"
unset HARP_PAIRING

action=$1
shift
"$HARP" request --name ci --action "$action" "$@" &
asking=$!
code=0
wait "$asking" || code=$?
exit "$code"
