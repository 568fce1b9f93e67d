# Sourced by the scripts beside it.
set -euo pipefail
shopt -s inherit_errexit
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# need COMMAND PACKAGE...: fails with one line that says how to get it.
need() {
  PATH=$PATH:/usr/sbin command -v "$1" >/dev/null || {
    echo "This needs $1: apt-get install $2" >&2
    exit 2
  }
}

machine() {
  echo "# $(nproc) cores, $(awk '/MemTotal/ { printf "%d GB", $2 / 1e6 }' /proc/meminfo), load $(cut -d' ' -f1 /proc/loadavg), $(date -u +%F)"
}

# A JDK 25, as the launcher looks for it.
java25() {
  local java
  for java in "${JAVA_HOME:-/none}/bin/java" "$(command -v java || true)" /usr/lib/jvm/*25*/bin/java; do
    if [ -x "$java" ] && "$java" -version 2>&1 | grep -q 'version "25'; then
      echo "$java"
      return
    fi
  done
  echo "This needs a JDK 25" >&2
  exit 2
}

# Builds the programs, the Worker and the bench's own classes where something is newer than the last build, and prints the class path
# of the latter.
build() {
  local classpath=$ROOT/target/bench.classpath built=$ROOT/target/bench.built
  if [ ! -f "$built" ] || [ -n "$(find "$ROOT"/pom.xml "$ROOT"/*/pom.xml "$ROOT"/*/src -newer "$built" -print -quit)" ]; then
    echo "building …" >&2
    mkdir -p "$ROOT/target"
    touch "$built.new"
    (cd "$ROOT" && ./mvnw -q package dependency:build-classpath -pl e2e -am -DskipTests \
      -Dmdep.includeScope=test -Dmdep.outputFile="$classpath") >&2
    mv "$built.new" "$built"
  fi
  "$ROOT/worker/build.sh" >&2
  echo "$ROOT/e2e/target/test-classes:$(cat "$classpath")"
}

# run_bench CLASSPATH CLASS ARGUMENTS...: runs a program of com.mcpist.e2e.bench.
run_bench() {
  local classpath=$1 class=$2
  shift 2
  exec "$(java25)" -Dmcpist.root="$ROOT" -cp "$classpath" "com.mcpist.e2e.bench.$class" "$@"
}

# bench CLASS ARGUMENTS...: builds, and runs nothing but that.
bench() {
  local classpath
  classpath=$(build)
  machine
  run_bench "$classpath" "$@"
}

# Below the ports that the kernel gives to outgoing connections: one of those could take the port of a program that is being
# started again.
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

# await_http URL: until it answers 200.
await_http() {
  local _
  for _ in $(seq 300); do
    [ "$(curl -s -o /dev/null -w '%{http_code}' "$1")" = 200 ] && return
    sleep 0.1
  done
  echo "$1 does not answer" >&2
  exit 1
}

# The microseconds of CPU that a process and its children have used so far.
cpu_micros() {
  local pid total=0 tick
  tick=$((1000000 / $(getconf CLK_TCK)))
  for pid in "$1" $(pgrep -P "$1" || true); do
    total=$((total + $(sed 's/.*) //' "/proc/$pid/stat" | awk '{ print $12 + $13 }') * tick))
  done
  echo "$total"
}

# A folder $work and an array $pids for a script: whatever ends it, the processes in the one are stopped and the other is removed.
with_work() {
  work=$(mktemp -d)
  pids=()
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

clean_up() {
  stop_all
  rm -rf "$work"
}

# Stops the processes in $pids: politely, and after 10 s by force.
stop_all() {
  local pid _
  for pid in "${pids[@]}"; do
    kill "$pid" 2>/dev/null || continue
    for _ in $(seq 100); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  pids=()
}
