# What MCPist does on a host. It is sent to the host's `sh` on standard input, whole, for each command: behind the settings app, address,
# port and engines, and before the command itself. Answers are lines on standard output, of a word and what belongs to it; `refused`
# ends them. A secret is only ever in a variable of this shell, in its environment, and in the file `secrets`: no program gets one as an argument.

umask 077
home=$HOME/.mcpist
folder=$home/$app
beside=$app-next
before=$app-before
exec </dev/null

refused() {
  printf 'refused %s\n' "$*"
  exit 0
}

# Not by `printf` as a program: its arguments would show secrets to whoever lists processes.
[ "$(command -v printf)" = printf ] || refused shell

for engine in $engines none; do
  command -v "$engine" >/dev/null 2>&1 && break
done
[ "$engine" = none ] && refused engine

# What keeps a container running must not inherit the lock, which is descriptor 9.
run() {
  "$engine" "$@" 9>&-
}

field() {
  run container inspect --format "$2" "$1" 2>/dev/null
}

exists() {
  [ -n "$(field "$1" '{{.Id}}')" ]
}

is_running() {
  [ "$(field "$1" '{{.State.Running}}')" = true ]
}

release_of() {
  field "$1" '{{index .Config.Labels "com.mcpist.id"}}'
}

# Before anything else: where the engine does not answer, that must not be taken for there being nothing; and nobody else's container is touched.
ready() {
  run version >/dev/null || refused silent
  [ -n "$(release_of "$app")" ] || ! exists "$app" || refused foreign
}

# One at a time. A change that was broken off is finished or taken back first.
lock() {
  mkdir -p "$folder/releases" || refused folder
  exec 9>"$folder/lock"
  tries=0
  until flock -n 9; do # Not every flock can wait.
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || refused busy
    sleep 1
  done
  recover
}

# Between the end of the old container and the start of the new one the old one is put aside.
recover() {
  exists "$before" || return 0
  if is_running "$app"; then
    remove "$before"
  else
    remove "$app"
    run rename "$before" "$app" >/dev/null && run start "$app" >/dev/null
  fi
}

remove() {
  exists "$1" || return 0
  run stop -t 30 "$1" >/dev/null
  run rm -f "$1" >/dev/null
}

secret_names() {
  [ -f "$folder/secrets" ] || return 0
  while IFS= read -r line; do
    printf '%s\n' "${line%%=*}"
  done <"$folder/secrets"
}

# start NAME PORT RESTART: the release that release_id, release_image, release_json and release_env say. The engine takes the values of the
# variables that are named to it from its own environment.
start() {
  (
    names=$release_names
    release_env
    if [ -f "$folder/secrets" ]; then
      set -a
      . "$folder/secrets"
      set +a
      names="$names $(secret_names)"
    fi
    name=$1
    options="--restart $3 --network host --memory 256m --memory-swap 256m --read-only --cap-drop all"
    options="$options --security-opt no-new-privileges --env HOST=$address --env PORT=$2"
    # With the host's network two containers have one host name, by which an origin would call itself.
    options="$options --env INSTANCE=$release_id-$2"
    set --
    for variable in $names; do
      set -- "$@" --env "$variable"
    done
    # The options have no blanks of their own.
    run run --detach --name "$name" $options --label "com.mcpist.id=$release_id" \
      --label "com.mcpist.release=$release_json" "$@" "$release_image" >/dev/null
  )
}

# Whether it becomes healthy within some seconds, as the image's own check says.
healthy() {
  end=$(($(date +%s) + 5))
  while is_running "$1"; do
    run exec "$1" healthcheck >/dev/null 2>&1
    case $? in
      0) return 0 ;;
      126 | 127) refused healthcheck ;;
    esac
    [ "$(date +%s)" -lt "$end" ] || return 1
    sleep 0.5
  done
  return 1
}

# How a container is: `container ROLE HEALTH ID STATUS EXITCODE RESTARTS`.
tell() {
  printf 'container %s %s %s\n' "$2" "$3" \
    "$(field "$1" '{{index .Config.Labels "com.mcpist.id"}} {{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}')"
}

# What serves, and which image its container really has.
tell_serving() {
  tell "$app" serving "$1"
  printf 'serves %s\n' "$(field "$app" '{{index .Config.Labels "com.mcpist.release"}}')"
  printf 'digests %s\n' "$(run image inspect --format '{{json .RepoDigests}}' "$(field "$app" '{{.Image}}')")"
}

await_serving() {
  if healthy "$app"; then tell_serving yes; else tell_serving no; fi
}

# Everything that there is, once.
look() {
  ready
  printf 'engine %s\n' "$engine"
  if exists "$app"; then
    health=no
    is_running "$app" && run exec "$app" healthcheck >/dev/null 2>&1 && health=yes
    tell_serving "$health"
  fi
  secret_names | while IFS= read -r name; do
    printf 'secret %s\n' "$name"
  done
  for kept in "$folder"/releases/*; do
    [ -f "$kept" ] && printf 'release %s\n' "$(cat "$kept")"
  done
  return 0
}

# Containers of a user end with the user's last session, unless the user lingers.
may_stay() {
  [ "$engine" = podman ] && [ "$(id -u)" != 0 ] && [ -d /run/systemd/system ] || return 0
  [ -e "/var/lib/systemd/linger/$(id -un)" ] || refused linger
}

# pull IMAGE LOGIN: with what `docker login` would keep, where that is not empty.
pull() {
  run image inspect "$1" >/dev/null 2>&1 && return 0
  [ -n "$2" ] || {
    run pull --quiet "$1" >/dev/null
    return
  }
  rm -rf "$folder"/login.*
  login=$(mktemp -d "$folder/login.XXXXXX") && printf '%s' "$2" >"$login/config.json" || refused folder
  if [ "$engine" = podman ]; then
    run pull --quiet --authfile "$login/config.json" "$1" >/dev/null
  else
    run --config "$login" --host "$(run context inspect --format '{{.Endpoints.docker.Host}}')" pull --quiet "$1" >/dev/null
  fi
  pulled=$?
  rm -rf "$login"
  return "$pulled"
}

# try_release LOGIN: starts it beside what serves.
try_release() {
  ready
  may_stay
  mkdir -p "$folder/releases" || refused folder
  pull "$release_image" "$1" || refused pull
  lock
  remove "$beside"
  start "$beside" $((port + 1)) no || refused start
  printf 'begun\n'
}

# watch ID: how that release is, wherever it is by now.
watch() {
  ready
  if [ "$(release_of "$app")" = "$1" ]; then
    await_serving
  elif [ "$(release_of "$beside")" = "$1" ]; then
    if healthy "$beside"; then tell "$beside" beside yes; else tell "$beside" beside no; fi
  else
    refused replaced
  fi
}

# take_over: the release beside takes the place of the one that serves. Once begun it goes to its end, also where whoever asked has gone:
# what it would tell goes to a file, and a signal is caught, not ignored, since the container would inherit that.
take_over() {
  ready
  lock
  if [ "$(release_of "$app")" != "$release_id" ]; then
    [ "$(release_of "$beside")" = "$release_id" ] || refused replaced
    trap : HUP INT PIPE TERM
    exec 2>"$folder/errors"
    remove "$beside"
    if exists "$app"; then
      run stop -t 30 "$app" >/dev/null
      run rename "$app" "$before" >/dev/null
    fi
    if start "$app" "$port" always; then
      printf '%s\n' "$release_json" >"$folder/releases/$release_id"
      remove "$before"
      forget_old
    else
      recover
      sed 's/^/said /' "$folder/errors"
      refused start
    fi
  fi
  await_serving
}

# Of the releases that have served five are kept, and the images of those. One that another app of this user keeps stays as well.
forget_old() {
  ls -1 "$folder/releases" | sort -r | tail -n +6 | while IFS= read -r old; do
    rm -f "$folder/releases/$old"
  done
  repository=${release_image%@*}
  run images --digests --format '{{.Repository}}@{{.Digest}}' | sort -u | while IFS= read -r image; do
    case $image in
      "$repository@sha256:"* | "${repository#docker.io/}@sha256:"* | "${repository#docker.io/library/}@sha256:"*)
        grep -qF "${image#*@}" "$home"/*/releases/* || run rmi "$image" >/dev/null
        ;;
    esac
  done
}

# call_off ID: a release that has not taken over ends. Its container stays, for its logs.
call_off() {
  ready
  lock
  if [ "$(release_of "$beside")" = "$1" ]; then
    run stop -t 10 "$beside" >/dev/null
    printf 'called off\n'
  fi
}

# put NAME LINE: the secret of that name, as a line of the file.
put() {
  change=CREATED
  failed=
  [ -f "$folder/secrets" ] || : >"$folder/secrets" || refused folder
  {
    while IFS= read -r line; do
      case $line in
        "$1="*) if [ "$line" = "$2" ]; then change=UNCHANGED; else change=UPDATED; fi ;;
        *) printf '%s\n' "$line" || failed=1 ;;
      esac
    done <"$folder/secrets"
    printf '%s\n' "$2" || failed=1
  } >"$folder/secrets.new" || failed=1
  [ -z "$failed" ] && mv "$folder/secrets.new" "$folder/secrets" || refused folder
  printf 'change %s %s\n' "$1" "$change"
}

# Whether somebody listens on a port, from the kernel's own table: hosts need no tool for that.
listens() {
  grep -qE "^ *[0-9]+: [0-9A-F]+:$(printf '%04X' "$1") [0-9A-F]+:0000 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# What a person has to see to.
facts() {
  ready
  printf 'engine %s\n' "$engine"
  printf 'version %s\n' "$(run --version)"
  root=$(run info --format '{{.DockerRootDir}}' 2>/dev/null)
  memory=$(run info --format '{{.MemoryLimit}}' 2>/dev/null)
  if [ "$engine" = podman ]; then
    root=$(run info --format '{{.Store.GraphRoot}}')
    case $(run info --format '{{.Host.CgroupControllers}}') in *memory*) memory=true ;; *) memory=false ;; esac
    if [ -d /run/systemd/system ]; then
      if [ "$(id -u)" = 0 ]; then
        printf 'restarts %s\n' "$(systemctl is-enabled podman-restart.service 2>/dev/null)"
      else
        if [ -e "/var/lib/systemd/linger/$(id -un)" ]; then printf 'lingers yes\n'; else printf 'lingers no\n'; fi
        printf 'restarts %s\n' "$(systemctl --user is-enabled podman-restart.service 2>/dev/null)"
      fi
    fi
  fi
  printf 'user %s\n' "$(id -un)"
  printf 'memory %s\n' "$memory"
  printf 'room %s\n' "$(df -Pk "$root" 2>/dev/null | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4)"
  is_running "$app" || ! listens "$port" || printf 'taken %s\n' "$port"
  is_running "$beside" || ! listens $((port + 1)) || printf 'taken %s\n' $((port + 1))
}
