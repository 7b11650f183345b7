# Sourced by the two launchers, harp-relay and harp, in a checkout. Needs $here, the folder of the checkout, $program,
# the name, and $folder, where its jar is. Sets $jdk, a JDK 25 or newer, wherever it is, and $jar; builds both programs
# first if there is no jar, and for the relay also if a source of the app is newer than the last try to build it, or if
# there was no Node for it. With $unavailable, an exit code, it never builds: it ends with that code if there is no jar
# or no Java. With $tool, $jdk has that program in bin.

# Prints the newest of the built jars, if there is one.
product() {
    ls -t "$here/$folder"/harp-relay-*.jar 2>/dev/null | head -n 1
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

jar=$(product)
[ -n "$jar" ] && tool=${tool:-java} || tool=javac
build=
if [ -z "$jar" ]; then
    build="building it first; this happens once and may take a minute or two."
elif app_changed; then
    build="building it again, because its app or Node has changed."
    tool=javac
fi

on_path=$(command -v java || true)
[ -z "$on_path" ] || on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")

jdk=
for candidate in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/* /usr/java/* /opt/java /opt/java/* /opt/*jdk* \
    "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if suits "$candidate"; then
        jdk=$candidate
        break
    fi
done
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
    (cd "$here" && JAVA_HOME=$jdk ./mvnw -q -DskipTests package) >&2 || exit 1
    jar=$(product)
fi
