#!/bin/sh
# One whole approval through a HARP relay, with curl and openssl 3 alone: a platform (the agent's side) and a device
# (the phone) pair, the platform asks, the device answers, and the platform checks the answer. The relay passes on what
# it cannot read.
#
#   RELAY=http://localhost:8787 examples/approval.sh
#
# RELAY             the relay's address; http://localhost:8787 if not set
# REGISTRATION_KEY  the relay's registration key, if its operator has set one
# QUESTION          what the platform asks
# DECISION          what the person on the phone says: approved, or denied
#
# The cryptography is HARP's (X25519, HKDF-SHA256 with the salt "harp-v1-enc", Ed25519) but for one piece: openssl's
# command line has no XChaCha20-Poly1305, so AES-256-CTR with HMAC-SHA256 (encrypt, then MAC) stands in for it. To the
# relay both are opaque text. Which bytes are signed and authenticated is this project's choice, as in
# src/test/java/dev/harp/relay/client, where you find the same in Java and with XChaCha20-Poly1305. No secret is ever an
# argument of a command, because anybody can read those in ps.
#
# Exit status: 0 if the question was asked, answered and verified; 1 if anything went wrong.
set -eu
umask 077

RELAY=${RELAY:-http://localhost:8787}
RELAY=${RELAY%/}
QUESTION=${QUESTION:-Deploy API v2.1.0 to production?}
DECISION=${DECISION:-approved}
WAIT=60 # seconds that a long poll waits

fail() {
    printf 'approval.sh: %s\n' "$*" >&2
    exit 1
}

platform() { printf 'platform: %s\n' "$*"; }
device() { printf 'device:   %s\n' "$*"; }

command -v curl >/dev/null || fail 'curl is not installed'
command -v openssl >/dev/null || fail 'openssl is not installed'
case $(openssl version) in
    'OpenSSL '[3-9]*) ;;
    *) fail "OpenSSL 3 or newer is needed, this is $(openssl version)" ;;
esac
case $DECISION in
    approved | denied) ;;
    *) fail "DECISION is approved or denied, not $DECISION" ;;
esac

dir=$(mktemp -d) || fail 'no temporary directory'
poll= # the long poll that runs in the background, if any
clean_up() {
    [ -z "$poll" ] || kill "$poll" 2>/dev/null || :
    rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# Each side keeps what it knows in a directory of its own. Only the QR code and the relay take anything across.
P=$dir/platform
D=$dir/device
mkdir "$P" "$D"

# --- HTTP -------------------------------------------------------------------------------------------------------------

# prepare FILE METHOD PATH TOKEN [BODY]: writes FILE.curl, a configuration for curl, so that no token is an argument.
prepare() {
    {
        printf 'url = "%s"\nrequest = "%s"\n' "$RELAY$3" "$2"
        printf 'silent\nshow-error\nmax-time = %d\n' $((WAIT + 20))
        printf 'output = "%s"\nwrite-out = "%%{http_code}"\n' "$1.json"
        [ -z "$4" ] || printf 'header = "Authorization: Bearer %s"\n' "$(printf '%s' "$4" | sed 's/["\\]/\\&/g')"
        if [ -n "${5-}" ]; then
            printf '%s' "$5" >"$1.body"
            printf 'header = "Content-Type: application/json"\ndata-binary = "@%s"\n' "$1.body"
        fi
    } >"$1.curl"
    : >"$1.json"
}

# expect FILE STATUS: stops with the relay's reason if it answered with another status.
expect() {
    status=$(cat "$1.status")
    [ "$status" = "$2" ] || fail "the relay answered $status $(field "$1.json" code), not $2: $(field "$1.json" detail)"
}

# call STATUS FILE METHOD PATH TOKEN [BODY]: one call; the answer is in FILE.json.
call() {
    expected=$1
    shift
    prepare "$@"
    curl -q --config "$1.curl" >"$1.status" || fail "the relay at $RELAY did not answer"
    expect "$1" "$expected"
}

# start_poll FILE PATH TOKEN: a long poll in the background, which ends when there is something to say.
start_poll() {
    prepare "$1" GET "$2" "$3"
    curl -q --config "$1.curl" >"$1.status" &
    poll=$!
}

# end_poll FILE: waits for that poll's answer.
end_poll() {
    wait "$poll" || fail "the relay at $RELAY did not answer"
    poll=
    expect "$1" 200
}

# field FILE NAME: a string member of a JSON file. Enough for tokens, ids and base64, which have nothing to unescape.
field() { sed -n "s/.*\"$2\" *: *\"\\([^\"]*\\)\".*/\\1/p" "$1"; }

# --- Cryptography -----------------------------------------------------------------------------------------------------

hex() { od -An -v -tx1 | tr -d ' \n'; }
base64url() { openssl base64 -A | tr '/+' '_-' | tr -d '='; }

# from_base64url TEXT: the bytes.
from_base64url() {
    case $((${#1} % 4)) in
        2) set -- "$1==" ;;
        3) set -- "$1=" ;;
    esac
    printf '%s' "$1" | tr '_-' '/+' | openssl base64 -d -A
}

sha256() { openssl dgst -sha256 -binary | hex; }

# hkdf KEY SALT INFO OUT: HKDF-SHA256. KEY is a file with the key in hex, and so will OUT be; salt and info are in hex,
# too.
hkdf() {
    openssl pkeyutl -kdf HKDF -kdflen 32 -pkeyopt md:SHA256 -pkeyopt_passin "hexkey:file:$1" \
        -pkeyopt "hexsalt:$2" -pkeyopt "hexinfo:$3" -out "$4.bytes" || fail 'no key could be derived'
    hex <"$4.bytes" >"$4"
}

# hmac KEY: HMAC-SHA256 of the SHA-256 of what comes in, 32 bytes. `openssl mac` wants its key as an argument, but
# HKDF's first step is HMAC(salt, input), and that reads both from files.
hmac() {
    sha256 >"$1.digest"
    openssl pkeyutl -kdf HKDF -kdflen 32 -pkeyopt md:SHA256 -pkeyopt mode:EXTRACT_ONLY \
        -pkeyopt_passin "hexsalt:file:$1" -pkeyopt_passin "hexkey:file:$1.digest"
}

# new_key KEY ALGORITHM: makes KEY.pem, a private key, and KEY.raw, the 32 bytes of the public one.
new_key() {
    openssl genpkey -algorithm "$2" -out "$1.pem"
    openssl pkey -in "$1.pem" -pubout -outform DER | tail -c 32 >"$1.raw"
}

# The DER of a public key is a fixed prefix and those 32 bytes (RFC 8410).
x25519_der() { printf '\060\052\060\005\006\003\053\145\156\003\041\000' && cat "$1"; }
ed25519_der() { printf '\060\052\060\005\006\003\053\145\160\003\041\000' && cat "$1"; }

# agree OWN PEER PAIR PLATFORM DEVICE OUT: the key of a pairing, in hex: X25519, then HKDF over pair id and both public
# keys.
agree() {
    x25519_der "$2" >"$6.peer"
    openssl pkeyutl -derive -inkey "$1.pem" -peerkey "$6.peer" -peerform DER -out "$6.agreed" || fail 'no key agreement'
    hex <"$6.agreed" >"$6.shared"
    info=$({ printf '%s' "$3" && cat "$4" "$5"; } | hex)
    hkdf "$6.shared" "$(printf 'harp-v1-enc' | hex)" "$info" "$6"
}

# payload_mac SECRET PAIR PLATFORM X25519 ED25519: proves that whoever sends these keys has seen the QR code.
payload_mac() {
    hkdf "$1" "$(printf 'harp-v1-pair' | hex)" "$(printf '%s' "$2" | hex)" "$1.mac"
    cat "$3" "$4" "$5" | hmac "$1.mac"
}

# message_keys KEY CONTEXT FILE: two keys for this message only, from its nonce and from where it belongs.
message_keys() {
    nonce=$(hex <"$3.nonce")
    hkdf "$1" "$nonce" "$(printf 'encrypt %s' "$2" | hex)" "$3.encrypt"
    hkdf "$1" "$nonce" "$(printf 'mac %s' "$2" | hex)" "$3.mac"
}

# aes KEY: AES-256-CTR both ways. PBKDF2 with one round and no salt only makes key and IV of a file; each key is used
# once.
aes() { openssl enc -aes-256-ctr -pbkdf2 -iter 1 -md sha256 -S 0000000000000000 -pass "file:$1"; }

# seal KEY CONTEXT FILE: encrypts FILE.text into FILE.nonce and FILE.sealed.
seal() {
    openssl rand 24 >"$3.nonce"
    message_keys "$1" "$2" "$3"
    aes "$3.encrypt" <"$3.text" >"$3.ct"
    hmac "$3.mac" <"$3.ct" >"$3.tag"
    cat "$3.ct" "$3.tag" >"$3.sealed"
}

# unseal KEY CONTEXT FILE: the way back, if nobody has touched it.
unseal() {
    message_keys "$1" "$2" "$3"
    size=$(($(wc -c <"$3.sealed")))
    [ "$size" -ge 32 ] || fail 'a message is too short'
    head -c $((size - 32)) "$3.sealed" >"$3.ct"
    tail -c 32 "$3.sealed" >"$3.tag"
    hmac "$3.mac" <"$3.ct" | cmp -s - "$3.tag" || fail 'a message was not written by the other side'
    aes "$3.encrypt" <"$3.ct" >"$3.text"
}

# receive JSON FILE: nonce and ciphertext of an answer of the relay.
receive() {
    from_base64url "$(field "$1" nonce)" >"$2.nonce"
    from_base64url "$(field "$1" ciphertext)" >"$2.sealed"
}

# uuid7: a version 7 UUID: the time in milliseconds, then random bits.
uuid7() {
    printf '%012x%s' "$(($(date +%s) * 1000))" "$(openssl rand -hex 10)" |
        sed 's/^\(.\{8\}\)\(.\{4\}\)\(.\{3\}\)\(.\{3\}\)\(.\{12\}\).*/\1-\2-7\3-8\4-\5/'
}

# --- Pairing ----------------------------------------------------------------------------------------------------------

curl -q --silent --fail --max-time 10 --output "$dir/health" "$RELAY/health" ||
    fail "no relay answers at $RELAY; start one with ./harp-relay, or say where it is with RELAY=..."

call 201 "$D/register" POST /v1/devices '' '{}'
device_id=$(field "$D/register.json" device_id)
device_token=$(field "$D/register.json" device_token)
device "registered as $device_id"

new_key "$P/x25519" X25519
openssl rand 32 >"$P/secret.bytes"
hex <"$P/secret.bytes" >"$P/secret"
call 201 "$P/open" POST /v1/pairs "${REGISTRATION_KEY-}" "{\"secret_hash\":\"$(sha256 <"$P/secret.bytes")\"}"
pair_id=$(field "$P/open.json" pair_id)
platform_token=$(field "$P/open.json" platform_token)
qr="harp://pair?v=1&relay=$RELAY&pair_id=$pair_id&secret=$(base64url <"$P/secret.bytes")&key=$(base64url <"$P/x25519.raw")"
platform "opened a pairing; its QR code says $qr"

start_poll "$P/pairing" "/v1/pairs/$pair_id?wait=$WAIT" "$platform_token"
platform 'waits for a device (long poll)'

# The device reads the QR code, which came past the relay. So it can trust the platform's key in it.
scanned() { printf '%s' "$qr" | sed -n "s/.*[?&]$1=\\([^&]*\\).*/\\1/p"; }
scanned_pair=$(scanned pair_id)
from_base64url "$(scanned key)" >"$D/platform.raw"
from_base64url "$(scanned secret)" >"$D/secret.bytes"
hex <"$D/secret.bytes" >"$D/secret"

# Its own keys go through the relay, which might put in others, if the MAC under the secret did not tell.
new_key "$D/x25519" X25519
new_key "$D/ed25519" Ed25519
payload_mac "$D/secret" "$scanned_pair" "$D/platform.raw" "$D/x25519.raw" "$D/ed25519.raw" >"$D/payload.mac"
payload=$(cat "$D/x25519.raw" "$D/ed25519.raw" "$D/payload.mac" | base64url)
agree "$D/x25519" "$D/platform.raw" "$scanned_pair" "$D/platform.raw" "$D/x25519.raw" "$D/key"
call 200 "$D/bind" PUT "/v1/pairs/$scanned_pair/device" "$device_token" \
    "{\"secret_hash\":\"$(sha256 <"$D/secret.bytes")\",\"payload\":\"$payload\"}"
device "scanned the code and joined $scanned_pair"

end_poll "$P/pairing"
[ "$(field "$P/pairing.json" status)" = active ] || fail "no device joined in $WAIT seconds"
from_base64url "$(field "$P/pairing.json" payload)" >"$P/payload"
[ $(($(wc -c <"$P/payload"))) -eq 96 ] || fail "the device's payload is not two keys and a MAC"
head -c 32 "$P/payload" >"$P/device.x25519"
head -c 64 "$P/payload" | tail -c 32 >"$P/device.ed25519"
tail -c 32 "$P/payload" >"$P/payload.mac"
payload_mac "$P/secret" "$pair_id" "$P/x25519.raw" "$P/device.x25519" "$P/device.ed25519" | cmp -s - "$P/payload.mac" ||
    fail 'the keys do not come from the device that scanned the code'
agree "$P/x25519" "$P/device.x25519" "$pair_id" "$P/x25519.raw" "$P/device.x25519" "$P/key"
platform "is paired with $(field "$P/pairing.json" device_id), whose keys are authentic"

# --- The question -----------------------------------------------------------------------------------------------------

start_poll "$D/list" "/v1/devices/$device_id/requests?wait=$WAIT" "$device_token"
device 'waits for a question (long poll)'

request_id=$(uuid7)
printf '%s' "$QUESTION" >"$P/question.text"
seal "$P/key" "harp-v1 request $pair_id $request_id" "$P/question"
call 201 "$P/submit" POST /v1/requests "$platform_token" "{\"request_id\":\"$request_id\",\"pair_id\":\"$pair_id\",
    \"nonce\":\"$(base64url <"$P/question.nonce")\",\"ciphertext\":\"$(base64url <"$P/question.sealed")\",\"ttl\":300}"
platform "encrypted its question and submitted it as $request_id"

end_poll "$D/list"
received_id=$(field "$D/list.json" request_id)
[ -n "$received_id" ] || fail "no question reached the device in $WAIT seconds"
receive "$D/list.json" "$D/question"
unseal "$D/key" "harp-v1 request $scanned_pair $received_id" "$D/question"
device "received and decrypted: $(cat "$D/question.text")"

# --- The answer -------------------------------------------------------------------------------------------------------

start_poll "$P/outcome" "/v1/requests/$request_id?wait=$WAIT" "$platform_token"
platform 'waits for the answer (long poll)'

# The answer names the question by its digest, so the signature stands for what was shown. It is over the ciphertext,
# because the relay, which sees the signature, could otherwise try "approved" and "denied" until one fits.
printf '{"decision":"%s","question":"%s"}' "$DECISION" "$(sha256 <"$D/question.text")" >"$D/answer.text"
seal "$D/key" "harp-v1 response $scanned_pair $received_id" "$D/answer"
{ printf 'harp-v1 response %s %s\n' "$scanned_pair" "$received_id" && cat "$D/answer.nonce" "$D/answer.sealed"; } >"$D/to-sign"
openssl pkeyutl -sign -rawin -inkey "$D/ed25519.pem" -in "$D/to-sign" -out "$D/signature"
call 200 "$D/respond" PUT "/v1/requests/$received_id/response" "$device_token" "{\"nonce\":\"$(base64url <"$D/answer.nonce")\",
    \"ciphertext\":\"$(base64url <"$D/answer.sealed")\",\"signature\":\"$(base64url <"$D/signature")\"}"
device 'encrypted and signed the answer and sent it'

end_poll "$P/outcome"
state=$(field "$P/outcome.json" state)
[ "$state" = responded ] || fail "no answer came: the request is $state"
receive "$P/outcome.json" "$P/answer"
from_base64url "$(field "$P/outcome.json" signature)" >"$P/signature"
{ printf 'harp-v1 response %s %s\n' "$pair_id" "$request_id" && cat "$P/answer.nonce" "$P/answer.sealed"; } >"$P/signed"
ed25519_der "$P/device.ed25519" >"$P/device.ed25519.der"
openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey "$P/device.ed25519.der" -in "$P/signed" -sigfile "$P/signature" \
    >/dev/null 2>&1 || fail 'the answer is not signed by the paired device'
unseal "$P/key" "harp-v1 response $pair_id $request_id" "$P/answer"
[ "$(field "$P/answer.text" question)" = "$(sha256 <"$P/question.text")" ] || fail 'the answer is to another question'
platform 'received the answer, verified the signature and decrypted it'

# --- The end ----------------------------------------------------------------------------------------------------------

call 204 "$P/revoke" DELETE "/v1/pairs/$pair_id" "$platform_token"
platform 'revoked the pairing'
call 204 "$D/delete" DELETE "/v1/devices/$device_id" "$device_token"
device 'removed itself from the relay'

printf 'question: %s\n' "$QUESTION"
printf 'decision: %s\n' "$(field "$P/answer.text" decision)"
