# Sourced by the two launchers, harp-relay and harp, in a checkout. Needs $here, the folder of the checkout, $program,
# the name, and $folder, where its jar is. Sets $jdk, a JDK 25 or newer, wherever it is, and $jar. It builds both
# programs first if there is no jar, or the last build broke off; for the relay also if its sources have changed since,
# if a source of the app is newer than the last try to build it, or if there was no Node for it. For harp it says that
# sources have changed. With $unavailable, an exit code, it never builds, and says nothing of sources: it ends with that
# code if there is no whole jar or no Java. With $tool, $jdk has that program in bin. Sets $cache, the AOT cache of that
# jar, or nothing: "deploy/image/assemble checkout" makes one.

# "-nt" is in POSIX since 2024, and was in every shell before.
# shellcheck disable=SC3013

# Sets $newest to the newest of the files, or to nothing.
newest() {
    newest=
    for file do
        if [ -e "$file" ] && { [ -z "$newest" ] || [ "$file" -nt "$newest" ]; }; then newest=$file; fi
    done
}

# Sets $jar, and $parts, the list of its parts, which is the last that a build writes.
product() {
    newest "$here/$folder"/*.cdx.json && parts=$newest
    newest "$here/$folder"/harp-relay-*.jar && jar=$newest
}

# Whether the last build has ended: the list is not older than the jar, and there are libraries. An installed copy, which
# has no build, is whole: "cp -r" gives its files new times, in any order.
whole() {
    [ ! -e "$here/mvnw" ] ||
        { [ -n "$parts" ] && ! [ "$jar" -nt "$parts" ] && newest "$here/$folder"/lib/*.jar && [ -n "$newest" ]; }
}

# Whether a source of the programs is newer than the last build of this one: after an update of the checkout.
sources_changed() {
    [ -n "$(find "$here/src/main" "$here/pom.xml" "$here/openapi.yaml" -newer "$parts" -print 2>/dev/null |
        head -n 1)" ]
}

# Whether the folder $1 is a JDK of version 25 or newer. To run a built jar, a Java runtime is enough.
suits() {
    [ -x "$1/bin/$tool" ] || return 1
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null)
    [ "${version:-0}" -ge 25 ]
}

# Whether the app's sources have changed since src/build/App.java has built them, or Node since it could not. A product
# that was built elsewhere has no such file.
app_changed() {
    [ "$program" = harp-relay ] && [ -e "$here/target/app/inputs" ] || return 1
    tried=$(cat "$here/target/app/inputs")
    case $tried in
        "Node "*)
            found=$(node --version 2>/dev/null || :)
            case $found in v[0-9]*) ;; *) found=none ;; esac
            [ "$tried" = "Node $found" ] || return 0
            ;;
    esac
    [ -n "$(find "$here/app" -mindepth 1 \( -path "$here/app/node_modules" -o -path "$here/app/dist" \
        -o -path "$here/app/build" -o -path "$here/app/test" -o -path "$here/app/e2e" \) -prune \
        -o -newer "$here/target/app/inputs" -print 2>/dev/null | head -n 1)" ]
}

# Sets $jdk to the first folder that suits, or to nothing. A java on the path may be a link, or a script of a version
# manager (asdf, jenv), which is asked.
find_jdk() {
    on_path=$(command -v java || :)
    [ -z "$on_path" ] || on_path=$(readlink -f "$on_path" || :)
    for jdk in "${JAVA_HOME:-}" "${on_path%/bin/java}" /usr/lib/jvm/* /usr/java/* /opt/java /opt/java/* /opt/*jdk* \
        "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* "${HOME:-}"/.asdf/installs/java/* \
        "${HOME:-}"/.local/share/mise/installs/java/* /Library/Java/JavaVirtualMachines/*/Contents/Home \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
        ! suits "$jdk" || return 0
    done
    [ -z "$on_path" ] || jdk=$(java -XshowSettings:properties -version </dev/null 2>&1 | sed -n 's/^ *java\.home = //p')
    suits "$jdk" || jdk=
}

product
build=
if [ -z "$jar" ]; then
    build="building it first; this happens once and may take a minute or two."
elif ! whole; then
    build="building it again, because the last build broke off."
    jar=
elif [ "$program" = harp ]; then
    if [ -z "${unavailable:-}" ] && sources_changed; then
        echo "$program: sources have changed since it was built; to build it again:" \
            "(cd '$here' && ./mvnw -q -DskipTests package)" >&2
    fi
elif sources_changed; then
    build="building it again, because its sources have changed."
elif app_changed; then
    build="building it again, because its app or Node has changed."
fi
if [ -n "$build" ] && [ -n "$jar" ] && ! [ -w "$here/target" ]; then
    echo "$program: its sources have changed, and $here/target cannot be written: starting the old one." >&2
    build=
fi

wanted=${tool:-java}
tool=$wanted
[ -z "$build" ] || tool=javac
find_jdk
if [ -z "$jdk" ] && [ -n "$build" ] && [ -n "$jar" ]; then
    # Java without a compiler runs what is built.
    tool=$wanted
    find_jdk
    [ -z "$jdk" ] || echo "$program: its sources have changed, and there is no JDK 25 to build it: starting the old one." >&2
    build=
fi
if [ -z "$jdk" ]; then
    echo "$program needs a JDK 25 or newer: install one (for example Eclipse Temurin 25), or set JAVA_HOME to it." >&2
    exit "${unavailable:-1}"
fi

if [ -n "$build" ] && [ -n "${unavailable:-}" ]; then
    echo "$program: not built, and '$program $1' builds nothing: run $here/$program --version once." >&2
    exit "$unavailable"
fi
if [ -n "$build" ]; then
    echo "$program: $build" >&2
    if ! (cd "$here" && JAVA_HOME=$jdk ./mvnw -q -DskipTests package) >&2; then
        echo "$program: the build failed, see above." >&2
        if [ -n "${http_proxy:-}${https_proxy:-}${HTTP_PROXY:-}${HTTPS_PROXY:-}" ]; then
            echo "$program: Maven does not use the proxy of the environment; docs/troubleshoot.md says how to name it." >&2
        fi
        exit 1
    fi
    product
fi
cache=$here/$folder/$program.aot
[ "$cache" -nt "$jar" ] || cache=
