#!/bin/sh
# Installs MCPist @VERSION@ for the user who runs it, without root:
#
#   curl -fsSL @URL@/install.sh | sh
#
#   sh -s -- --uninstall   removes the program; the data stays
#   MCPIST_URL             where the archives are, if not at @URL@
#   MCPIST_HOME            where the program goes (~/.local/lib/mcpist)
#   MCPIST_BIN             where the command goes (~/.local/bin; /usr/local/bin if only that is on the PATH and may be written)
set -eu
umask 022 # Nobody else may change what is checked and installed.

version='@VERSION@'
url=${MCPIST_URL:-'@URL@'}
home=${MCPIST_HOME:-$HOME/.local/lib/mcpist}
# Each archive by its SHA-256.
digests='
@DIGESTS@
'

fail() {
  printf 'mcpist: %s\n' "$*" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# What runs on this machine, as the archives name it.
platform() {
  case $(uname -s) in
    Linux)
      # The Java runtime is made for the GNU C library.
      if ls /lib/ld-musl-* >/dev/null 2>&1 && ! ls /lib*/ld-linux-* >/dev/null 2>&1; then
        fail "this Linux has musl instead of the GNU C library, which MCPist needs. Run the image instead."
      fi
      system=linux
      ;;
    Darwin) system=macos ;;
    *) fail "there is no archive for $(uname -s). On Windows, run this in WSL." ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) machine=x64 ;;
    aarch64 | arm64) machine=arm64 ;;
    *) fail "there is no archive for the processor $(uname -m)." ;;
  esac
  printf '%s-%s\n' "$system" "$machine"
}

download() {
  if has curl; then
    curl --fail --silent --show-error --location --retry 2 --output "$2" "$1"
  elif has wget; then
    wget --quiet --tries 3 --output-document "$2" "$1"
  else
    fail "curl or wget is needed to download."
  fi || fail "$1 could not be downloaded."
}

digest() {
  if has sha256sum; then
    sha256sum "$1"
  else
    shasum --algorithm 256 "$1"
  fi | cut -d ' ' -f 1
}

# Whether a process runs from a folder, links resolved. The brackets keep grep from finding itself.
is_in_use() {
  if [ -d /proc/self ]; then
    cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n'
  else
    ps -A -ww -o args
  fi | grep -q -e "^$1/runtime/[b]in/" -e "^$1/postgres/[b]in/"
}

# Whether a folder is a version of MCPist: whatever MCPIST_HOME is, nothing else is removed.
is_version() { [ -f "$1/release" ] && [ -x "$1/mcpist" ] && [ -x "$1/runtime/bin/java" ]; }

# The first folder on the PATH that may have the command.
bin_folder() {
  if [ -n "${MCPIST_BIN:-}" ]; then
    printf '%s\n' "$MCPIST_BIN"
    return
  fi
  for folder in "$HOME/.local/bin" /usr/local/bin; do
    case :$PATH: in
      *":$folder:"*)
        if mkdir -p "$folder" 2>/dev/null && [ -w "$folder" ]; then
          printf '%s\n' "$folder"
          return
        fi
        ;;
    esac
  done
  printf '%s\n' "$HOME/.local/bin"
}

install() {
  archive=mcpist-$version-$(platform).tar.gz
  expected=$(printf '%s\n' "$digests" | grep " $archive\$" | cut -d ' ' -f 1)
  [ -n "$expected" ] || fail "this release has no $archive."
  bin=$(bin_folder)
  mkdir -p "$home" "$bin" || fail "$home and $bin must be writable."
  home=$(cd "$home" && pwd -P)
  ! is_in_use "$home/$version" || fail "a pair runs from $home/$version. Stop it first: mcpist down"
  new=$home/.new.$$
  mkdir "$new"
  trap 'rm -rf "$new"' EXIT
  trap 'exit 130' INT TERM HUP
  download "$url/$archive" "$new/archive"
  found=$(digest "$new/archive")
  [ "$found" = "$expected" ] || fail "$url/$archive is not what was released: its SHA-256 is $found, not $expected. Nothing was installed."
  tar -xzf "$new/archive" -C "$new" || fail "$archive could not be unpacked in $home."
  rm -rf "${home:?}/$version"
  mv "$new/mcpist-$version" "$home/$version"
  "$home/$version/mcpist" --version >/dev/null || fail "$home/$version/mcpist does not run on this machine. The command is what it was."
  ln -sf "$home/$version/mcpist" "$bin/mcpist"
  remove_old
  printf 'MCPist %s is installed. Start a pair: mcpist up\n' "$("$bin/mcpist" --version | sed 's/^mcpist //')"
  case :$PATH: in
    *":$bin:"*) ;;
    *) printf 'First put the command on the PATH: export PATH="%s:$PATH"\n' "$bin" ;;
  esac
}

# Earlier versions, but for those from which something still runs.
remove_old() {
  for old in "$home"/*; do
    if [ "$old" != "$home/$version" ] && is_version "$old" && ! is_in_use "$old"; then
      rm -rf "$old"
    fi
  done
}

uninstall() {
  [ -d "$home" ] || fail "nothing is installed in $home."
  home=$(cd "$home" && pwd -P)
  for there in "$home"/*; do
    if is_in_use "$there"; then
      fail "a pair runs. Stop it first: mcpist down"
    fi
  done
  for folder in "${MCPIST_BIN:-}" "$HOME/.local/bin" /usr/local/bin; do
    case $(readlink "$folder/mcpist" 2>/dev/null) in
      "$home"/*)
        rm -f "$folder/mcpist"
        ;;
    esac
  done
  for there in "$home"/*; do
    ! is_version "$there" || rm -rf "$there"
  done
  rm -rf "$home"/.new.*
  # Only if they are empty now.
  for folder in "$home" "$(dirname "$home")" "$HOME/.local/bin"; do
    rmdir "$folder" 2>/dev/null || true
  done
  printf 'MCPist is removed. The data stays in %s\n' "${XDG_DATA_HOME:-$HOME/.local/share}/mcpist"
}

case ${1:-} in
  '') install ;;
  --uninstall) uninstall ;;
  *) fail "unknown option $1. There is --uninstall." ;;
esac
