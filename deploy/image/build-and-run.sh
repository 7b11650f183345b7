#!/usr/bin/env bash
# Builds the image, runs it as an operator would (its own user, read-only root, no capabilities), and shows that it works,
# how big it is, and how fast it starts. With a Docker engine it uses that. Without one it uses buildah, as root, and needs
# no registry: it makes images locally under the names of the three base images, from Debian packages (by debootstrap), an
# installed JDK 25 and an installed Node.
#
#   deploy/image/build-and-run.sh [--keep]      --keep leaves the image (harp-relay) and the base images for a next run
#
# PORT      the port to use on this machine, and the three after it; 28787 if not set
# START     how many ms the median of five starts may take; 400 if not set, for a machine that does nothing else
# WORK      where base images and scratch files go; a new temporary directory if not set
# CHROMIUM  the browser for a whole approval in the app; /usr/bin/chromium if not set
# Exit status: 0 if everything held.
set -euo pipefail
cd "$(dirname "$0")/../.."

IMAGE=harp-relay
PORT=${PORT:-28787}
keep=false
[ "${1-}" != --keep ] || keep=true
WORK=${WORK:-$(mktemp -d)}
mkdir -p "$WORK"

say() { printf '%s\n' "$*"; }
fail() { say "FAILED: $*" >&2; exit 1; }
now() { date +%s%3N; }
megabytes() { awk -v bytes="$1" 'BEGIN { printf "%.1f MB", bytes / 1e6 }'; }
pinned() { awk -v n="$1" '$1 == "FROM" && ++i == n { print $2 }' Dockerfile; }

# --- an engine, or buildah --------------------------------------------------------------------------------------------------------

if docker info >/dev/null 2>&1; then
    engine=docker
elif command -v buildah >/dev/null && [ "$(id -u)" = 0 ]; then
    command -v debootstrap >/dev/null || fail "debootstrap, which makes the base images, is not installed"
    engine=buildah
    # Without user namespaces and cgroups of its own, so that it works inside a container or a small virtual machine, too.
    export BUILDAH_ISOLATION=chroot
    storage=(--root "$WORK/storage" --runroot "$WORK/run")
else
    fail "neither a Docker engine nor, as root, buildah is here"
fi
b() { buildah "${storage[@]}" "$@"; }

jdk_25() {
    local candidate
    for candidate in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/openjdk; do
        if [ -x "$candidate/bin/jlink" ] && grep -qs '^JAVA_VERSION="25' "$candidate/release"; then echo "$candidate"; return; fi
    done
}

# What node's image has, as far as this build needs it: node and npm in the path.
make_node_image() {
    local root=$WORK/node-root container node npm
    node=$(readlink -f "$(command -v node)") && npm=$(readlink -f "$(command -v npm)") ||
        fail "no Node with npm is installed to make a base image from"
    npm=${npm%/bin/npm-cli.js}
    [ -d "$root" ] || debootstrap --variant=minbase --include=ca-certificates,libstdc++6 bookworm "$root" >/dev/null
    mkdir -p "$root/usr/local/bin" "$root/usr/local/lib/node_modules"
    cp -L "$node" "$root/usr/local/bin/node"
    cp -aL "$npm" "$root/usr/local/lib/node_modules/npm"
    ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
    # As below; Node does not read this file by itself.
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    container=$(b from scratch)
    b add -q "$container" "$root" / >/dev/null
    b config --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
        --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
    b commit -q --rm "$container" "docker.io/library/$1" >/dev/null
}

# What eclipse-temurin's image has, as far as this build needs it: a JDK in /opt/java/openjdk, wget and binutils.
make_jdk_image() {
    local jdk root=$WORK/jdk-root container
    jdk=$(jdk_25)
    [ -n "$jdk" ] || fail "no JDK 25 is installed to make a base image from; set JAVA_HOME"
    [ -d "$root" ] || debootstrap --variant=minbase --include=wget,ca-certificates,openssl,binutils bookworm "$root" >/dev/null
    mkdir -p "$root/opt/java/openjdk" && cp -aL "$jdk/." "$root/opt/java/openjdk/"
    # What this machine trusts: it may be behind a proxy that inspects TLS, and Maven Central has to be reached.
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    container=$(b from scratch)
    b add -q "$container" "$root" / >/dev/null
    b config --env JAVA_HOME=/opt/java/openjdk --env LANG=C.UTF-8 \
        --env PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
    b commit -q --rm "$container" "docker.io/library/$1" >/dev/null
}

# What distroless/base-nossl-debian12 is: the files of these Debian packages, and a few users.
make_final_image() {
    local root=$WORK/distroless-root container package
    rm -rf "$root" && mkdir -p "$root" "$WORK/debs"
    (cd "$WORK/debs" && chmod 777 . && apt-get download -qq base-files netbase tzdata libc6 ca-certificates media-types >/dev/null)
    for package in "$WORK"/debs/*.deb; do dpkg-deb -x "$package" "$root"; done
    mkdir -p "$root/etc/ssl/certs" "$root/tmp" "$root/dev" "$root/proc" "$root/sys" "$root/home/nonroot"
    find "$root/usr/share/ca-certificates" -name '*.crt' -exec cat {} + >"$root/etc/ssl/certs/ca-certificates.crt"
    rm -rf "$root"/usr/share/{doc,man,locale,lintian,ca-certificates,bug} "$root"/usr/sbin/*
    printf 'root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n' >"$root/etc/passwd"
    printf 'root:x:0:\nnobody:x:65534:\nnonroot:x:65532:\n' >"$root/etc/group"
    container=$(b from scratch)
    b add -q "$container" "$root" / >/dev/null
    b config --user 65532 --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
    b commit -q --rm "$container" "$1" >/dev/null
}

have() { b images -q "$1" >/dev/null 2>&1; }

clean_up() {
    [ -z "${relay_pid-}" ] || kill -KILL "$relay_pid" 2>/dev/null || :
    [ -z "${container-}" ] || { [ "$engine" = docker ] && docker rm -f "$container" >/dev/null || { b umount "$container" && b rm "$container"; } >/dev/null; } || :
    $keep || rm -rf "$WORK"
}
trap clean_up EXIT

# --- build ------------------------------------------------------------------------------------------------------------------------

say "== build with $engine"
begin=$(now)
if [ $engine = docker ]; then
    docker build -t $IMAGE .
else
    have "docker.io/library/$(pinned 1)" || { say "making a stand-in for $(pinned 1)"; make_node_image "$(pinned 1)"; }
    have "docker.io/library/$(pinned 2)" || { say "making a stand-in for $(pinned 2)"; make_jdk_image "$(pinned 2)"; }
    have "$(pinned 3)" || { say "making a stand-in for $(pinned 3)"; make_final_image "$(pinned 3)"; }
    begin=$(now)
    # Docker's format, because OCI's has no health check.
    b bud --layers --format docker --pull-never -t $IMAGE . >"$WORK/build.log" 2>&1 || { tail -40 "$WORK/build.log"; fail "the image does not build"; }
    grep 'AOT cache: ' "$WORK/build.log" || :
fi
say "built in $((($(now) - begin) / 1000)) s"

# --- sizes ------------------------------------------------------------------------------------------------------------------------

say "== sizes"
if [ $engine = docker ]; then
    container=$(docker create $IMAGE)
    mkdir -p "$WORK/root" && docker cp -q "$container:/opt" "$WORK/root/" && docker rm "$container" >/dev/null
    root=$WORK/root
    container=
    docker history --format '{{.Size}}  {{.CreatedBy}}' --no-trunc=false $IMAGE
    unpacked=$(docker image inspect -f '{{.Size}}' $IMAGE)
else
    container=$(b from --pull-never $IMAGE)
    root=$(b mount "$container")
    b push -q $IMAGE "dir:$WORK/pushed" >/dev/null
    unpacked=0
    for layer in $(sed 's/.*"layers"//' "$WORK/pushed/manifest.json" | grep -o 'sha256:[0-9a-f]*' | cut -d: -f2); do
        # Pushed to a directory, layers stay as they are or are gzipped, depending on buildah's version.
        file=$WORK/pushed/$layer
        size=$({ gzip -dc "$file" 2>/dev/null || cat "$file"; } | wc -c)
        packed=$({ gzip -dc "$file" 2>/dev/null || cat "$file"; } | gzip -6 | wc -c)
        say "layer ${layer:0:12}: $(megabytes "$size"), gzipped $(megabytes "$packed")"
        unpacked=$((unpacked + size))
        all_packed=$((${all_packed:-0} + packed))
    done
    say "gzipped, as a registry stores and sends it: $(megabytes "$all_packed")"
fi
bytes() { find "$@" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum + 0 }'; }
app=$root/opt/harp-relay
runtime=$(bytes "$app/runtime")
cache=$(bytes "$app/harp-relay.aot")
jars=$(bytes "$app/harp-relay.jar" "$app/lib")
say "image: $(megabytes "$unpacked")"
say "runtime $(megabytes "$runtime") + cache $(megabytes "$cache") + jars $(megabytes "$jars") = $(megabytes $((runtime + cache + jars))) ($(((runtime + cache + jars) / 1048576)) MiB)"
[ "$unpacked" -le 110000000 ] || fail "the image is larger than 110 MB"

# --- run --------------------------------------------------------------------------------------------------------------------------

say "== run: read-only root, its own user, no capabilities"
if [ $engine = buildah ]; then
    each() { b inspect --type image --format "{{range .Docker.Config.$1}}{{println .}}{{end}}" $IMAGE | sed '/^$/d'; }
    mapfile -t entrypoint < <(each Entrypoint)
    mapfile -t probe < <(each Healthcheck.Test)
    user=$(b inspect --type image --format '{{.Docker.Config.User}}' $IMAGE)
    say "entrypoint: ${entrypoint[*]}"
    # What an engine does: namespaces for mounts and processes, a read-only root, the image's user, nothing else of this
    # machine.
    in_image() {
        root=$root user=$user started=$WORK/started unshare --mount --pid --fork --kill-child sh -ec '
            mount --make-rprivate / && mount --bind "$root" "$root"
            mount -t tmpfs tmpfs "$root/dev"
            for device in null zero random urandom; do
                : >"$root/dev/$device" && mount --bind /dev/$device "$root/dev/$device"
            done
            mount -o remount,bind,ro "$root" && mount -t proc -o hidepid=invisible proc "$root/proc"
            if (: >"$root/tmp/probe") 2>/dev/null; then echo "the root is writable" >&2; exit 9; fi
            cat /proc/uptime >"$started"
            exec env -i PATH=/usr/sbin:/usr/bin "HOST=$HOST" "PORT=$PORT" "ADMIN_PORT=$ADMIN_PORT" RATE_LIMIT_CLIENT=0 \
                setpriv --no-new-privs chroot --userspec="$user" "$root" "$@"
        ' sh "$@"
    }
fi

# Starts the relay and waits for its first 200. Sets relay_pid, and millis from the start of that process to the 200.
start_relay() {
    local up started
    if [ $engine = docker ]; then
        container=$(docker run -d --read-only --cap-drop ALL --security-opt no-new-privileges \
            -p "127.0.0.1:$PORT:8787" $IMAGE)
    else
        HOST=127.0.0.1 PORT=$PORT ADMIN_PORT=$((PORT + 3)) in_image "${entrypoint[@]}" >"$WORK/relay.log" 2>&1 &
        unshare_pid=$!
    fi
    for _ in $(seq 1500); do
        curl -fs "http://127.0.0.1:$PORT/health" >/dev/null && break
        sleep 0.01
    done
    read -r up _ </proc/uptime
    if [ $engine = docker ]; then
        relay_pid=$(docker inspect -f '{{.State.Pid}}' "$container")
        started=$(awk -v ticks="$(getconf CLK_TCK)" '{ print $22 / ticks }' "/proc/$relay_pid/stat")
    else
        relay_pid=$(pgrep -P "$(pgrep -P "$unshare_pid")") # shell, unshare, relay
        read -r started _ <"$WORK/started"
    fi
    millis=$(awk -v up="$up" -v started="$started" 'BEGIN { print int((up - started) * 1000) }')
}

stop_relay() {
    if [ $engine = docker ]; then
        docker rm -f "$container" >/dev/null
    else
        kill -KILL "$relay_pid"
        wait "$unshare_pid" 2>/dev/null || :
    fi
    relay_pid=
}

starts=()
for start in 1 2 3 4 5; do
    [ "$start" = 1 ] || stop_relay
    start_relay
    starts+=("$millis")
done
median=$(printf '%s\n' "${starts[@]}" | sort -n | sed -n 3p)
say "ms to the first 200: ${starts[*]}, median $median"
health=$(curl -fsS "http://127.0.0.1:$PORT/health") || { cat "$WORK/relay.log"; fail "no health"; }
say "/health: $health"
if [ $engine = docker ]; then
    say "read-only root: $(docker inspect -f '{{.HostConfig.ReadonlyRootfs}}' "$container"), files changed: $(docker diff "$container" | wc -l)"
else
    if nsenter -t "$relay_pid" -m touch "$root/tmp/x" 2>"$WORK/touch.log"; then fail "the root is writable"; fi
    say "write as root: $(cat "$WORK/touch.log")"
fi
say "process: $(awk '/^(Uid|Gid|CapEff|NoNewPrivs|NSpid|VmRSS):/ { $1 = $1; printf "%s; ", $0 }' "/proc/$relay_pid/status")"
say "files open for writing: $(find "/proc/$relay_pid/fd" -type l -perm -u=w -printf '%l\n' 2>/dev/null | grep -vE '^(socket|pipe|anon_inode|/dev/null)|relay.log' | wc -l)"
say "AOT cache in use: $(grep -c 'harp-relay.aot' "/proc/$relay_pid/maps") mappings; $(grep -ciE 'warn.*(aot|cds)' "$WORK/relay.log" 2>/dev/null || :) warnings"

page=$(curl -fsS -D "$WORK/page.head" "http://127.0.0.1:$PORT/app/") || fail "no app at /app/"
say "/app/: ${#page} bytes, $(curl -fsS "http://127.0.0.1:$PORT/app/hashes.json" | grep -c '": "') files, $(grep -ci '^content-security-policy: ' "$WORK/page.head") CSP"

say "== a whole approval"
RELAY=http://localhost:$PORT examples/approval.sh

say "== a whole approval in a browser, with harp"
if [ -d app/node_modules ] && [ -d target/harp ] && command -v "${CHROMIUM:-/usr/bin/chromium}" >/dev/null; then
    (cd app && JAVA_HOME=$(jdk_25) npm run -s walk -- "http://localhost:$PORT")
else
    say "left out: it needs Chromium, (cd app && npm ci), and harp, which ./harp --version builds"
fi

say "== health check"
begin=$(now)
if [ $engine = docker ]; then
    for _ in $(seq 60); do
        health=$(docker inspect -f '{{.State.Health.Status}}' "$container")
        [ "$health" != starting ] && break
        sleep 1
    done
    say "health: $health"
    [ "$health" = healthy ]
else
    [ "${probe[0]}" = CMD ]
    HOST=127.0.0.1 PORT=$PORT ADMIN_PORT=$((PORT + 3)) in_image "${probe[@]:1}" || fail "the health check fails on a healthy relay"
    say "health check: ok in $(($(now) - begin)) ms"
    if HOST=127.0.0.1 PORT=1 ADMIN_PORT=0 in_image "${probe[@]:1}"; then fail "the health check holds without a relay"; fi
fi

# nginx with the shipped files, but for TLS, ports and paths.
if command -v nginx >/dev/null && [ $engine = buildah ]; then
    say "== nginx in front, a thousand long polls waiting, SIGTERM to the container's process"
    mkdir -p "$WORK/nginx/conf.d"
    sed -e 's/^user .*//' -e "s#/run/nginx.pid#$WORK/nginx/pid#" -e "s#/etc/nginx/conf.d/#$WORK/nginx/conf.d/#" -e "s#/var/log/nginx/#$WORK/nginx/#" \
        deploy/nginx/nginx.conf >"$WORK/nginx/nginx.conf"
    sed -e "s#127\.0\.0\.1:8787;#127.0.0.1:$PORT;#" -e "s#listen 443 ssl http2;.*#listen 127.0.0.1:$((PORT + 1));#" -e "s#listen 80;#listen 127.0.0.1:$((PORT + 2));#" \
        -e '/listen \[::\]/d' -e '/^ *ssl_/d' -e "s#/var/log/nginx/#$WORK/nginx/#" deploy/nginx/harp-relay.conf >"$WORK/nginx/conf.d/harp-relay.conf"
    nginx -c "$WORK/nginx/nginx.conf" -e "$WORK/nginx/error.log"
    "$(jdk_25)/bin/java" bench/Bench.java "http://127.0.0.1:$((PORT + 1))" drain 1000 "$relay_pid"
    status=0
    wait "$unshare_pid" || status=$?
    relay_pid=
    sleep 1
    kill -QUIT "$(cat "$WORK/nginx/pid")"
    say "nginx's log of it: $(grep -o '"status":[0-9]*' "$WORK/nginx/harp-relay.log" | sort | uniq -c | tr -s ' \n' ' ')"
    [ "$status" = 0 ] || fail "a relay that is told to end ends with 0"
    # Last, because it says more about a busy or slow machine than about the image.
    [ "$median" -le "${START:-400}" ] || fail "the median of five starts, $median ms, is more than ${START:-400} ms; all else held"
    say "== all held"
    exit 0
fi

say "== stop, with a long poll waiting"
token=$(curl -fsS -X POST -H 'Content-Type: application/json' -d '{}' "http://127.0.0.1:$PORT/v1/devices" | tee "$WORK/device" | sed 's/.*"device_token" *: *"\([^"]*\)".*/\1/')
device=$(sed 's/.*"device_id" *: *"\([^"]*\)".*/\1/' "$WORK/device")
curl -s -o /dev/null -w 'the waiting poll was answered: %{http_code}\n' -H "Authorization: Bearer $token" \
    "http://127.0.0.1:$PORT/v1/devices/$device/requests?wait=60" &
poll=$!
sleep 1
begin=$(now)
if [ $engine = docker ]; then
    docker stop "$container" >/dev/null
    status=$(docker inspect -f '{{.State.ExitCode}}' "$container")
else
    kill -TERM "$relay_pid"
    status=0
    wait "$unshare_pid" || status=$?
fi
relay_pid=
took=$(($(now) - begin))
wait "$poll"
say "SIGTERM: exit status $status after $took ms"
[ "$status" = 0 ] || fail "a relay that is told to end ends with 0"
# Last, because it says more about a busy or slow machine than about the image.
[ "$median" -le "${START:-400}" ] || fail "the median of five starts, $median ms, is more than ${START:-400} ms; all else held"
say "== all held"
