#!/bin/sh
# One whole approval in one terminal: harp pairs and asks, harp device joins and answers, and the receipt of the answer
# is checked offline. Needs the JDK that harp needs.
#
#   RELAY=http://localhost:8787 examples/approval.sh
#
# RELAY     the relay's address; http://localhost:8787 if not set
# QUESTION  what is asked
# DECISION  what is answered: approved, or denied
# HARP      the program harp; that of this checkout if not set
#
# Exit status: 0 if the question was asked, answered and the receipt verified; anything else if something went wrong.
set -eu
RELAY=${RELAY:-http://localhost:8787}
QUESTION=${QUESTION:-Deploy 2.1 to production?}
DECISION=${DECISION:-approved}
case $DECISION in
    approved | denied) ;;
    *) echo "approval.sh: DECISION is approved or denied, not $DECISION" >&2 && exit 2 ;;
esac

HARP=${HARP:-$(cd "$(dirname "$0")/.." && pwd)/harp}
dir=$(mktemp -d)
background=
clean_up() {
    [ -z "$background" ] || kill "$background" 2>/dev/null || :
    rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# Each side keeps its files in a folder of its own, as on two machines.
agent() { HARP_HOME=$dir/agent "$HARP" "$@"; }
device() { HARP_HOME=$dir/device "$HARP" device "$@"; }

# Pairing: the link goes one way, and the six digits the other. Between two machines a person carries both.
mkfifo "$dir/link" "$dir/digits" "$dir/said"
exec 3<>"$dir/digits"
HARP_HOME=$dir/agent "$HARP" pair --name demo --relay "$RELAY" >"$dir/link" <&3 &
background=$!
read -r link <"$dir/link" || exit 1
device join "$link" --as 'this terminal' --yes >"$dir/digits"
wait "$background"

# The question. What harp says tells the request's id.
HARP_HOME=$dir/agent "$HARP" request --name demo --action "$QUESTION" --receipt "$dir/receipt.json" \
    >"$dir/answer" 2>"$dir/said" &
background=$!
exec 4<"$dir/said"
read -r _ id _ <&4

# The answer. --reason is told to the agent.
device list | tee "$dir/card"
if [ "$DECISION" = approved ]; then
    # ID@DIGEST: an approval of the text that was listed, and of no other one under the same id.
    device approve "$(sed -n "s/^to decide: \($id@.*\)/\1/p" "$dir/card")" --reason 'as agreed'
else
    device deny "$id" --reason 'not today'
fi
code=0
wait "$background" || code=$?
background=

printf 'question: %s\n' "$QUESTION"
printf 'decision: %s\n' "$(sed -n 1p "$dir/answer")"
printf 'exit code of harp request: %s\n' "$code"
case $DECISION$code in
    approved0 | denied10) ;;
    *) exit 1 ;;
esac
code=0
agent verify "$dir/receipt.json" --pairing demo --request-id "$id" || code=$?
case $DECISION$code in
    approved0 | denied10) ;;
    *) exit 1 ;;
esac
agent revoke --name demo
