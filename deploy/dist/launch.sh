# Sourced by the two launchers in bin/. Needs $here, the folder of the archive, and $program, the name. Sets $jdk, the
# Java runtime, $jar, and $cache, the AOT cache of that jar, or nothing if there is none.
jdk=$here/lib/runtime
jar=$here/lib/$program/$program.jar
cache=$here/lib/$program/$program.aot
[ -r "$cache" ] || cache=
