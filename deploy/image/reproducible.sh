#!/bin/sh
# Builds the product twice, in two copies of the sources in different folders, and compares every file of it: the same sources give
# the same bytes. So whoever distrusts a jar can build it and compare.
#
# Exit status: 0 if both builds are the same; 1 if they differ.
set -eu
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() {
    mkdir -p "$work/$1"
    tar -cf - .mvn mvnw pom.xml application.yaml openapi.yaml src/main src/build \
        --exclude=app/node_modules --exclude=app/dist --exclude=app/build app | tar -xf - -C "$work/$1"
    (cd "$work/$1" && ./mvnw -B -ntp -q -DskipTests package)
    (cd "$work/$1/target/relay" && find . -type f | LC_ALL=C sort | xargs sha256sum) >"$work/$2"
}

build first first.sums
build 'elsewhere/second' second.sums
if ! diff "$work/first.sums" "$work/second.sums"; then
    echo "The two builds differ." >&2
    exit 1
fi
grep harp-relay- "$work/first.sums"
echo "Two builds, $(wc -l <"$work/first.sums") files, all the same."
