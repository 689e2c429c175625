# Sourced by what needs more than a Rust toolchain: installs it where it may, or says what somebody must
# install. Messages go to the error stream; some of the callers print JSON.

# install PACKAGE..: Debian packages.
install() {
  local sudo=()
  [ "$(id -u)" = 0 ] || sudo=(sudo -n)
  if ! command -v apt-get >/dev/null; then
    echo "needs $*: install them" >&2
    return 1
  fi
  echo "installing $*" >&2
  {
    "${sudo[@]}" apt-get update -q &&
      "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q "$@"
  } >/dev/null 2>&1 || {
    echo "needs $*: run 'apt-get install $*' as root" >&2
    return 1
  }
}

# environment FOLDER REQUIREMENTS: a Python of its own with the pinned packages, made once.
environment() {
  local place=$1 wanted
  wanted=$(cat "$2")
  if [ "$(cat "$place/installed" 2>/dev/null)" = "$wanted" ]; then
    return
  fi
  rm -rf "$place"
  if ! python3 -m venv "$place" >/dev/null 2>&1; then
    install python3 python3-venv
    rm -rf "$place"
    python3 -m venv "$place" >&2
  fi
  "$place/bin/pip" install --quiet --disable-pip-version-check -r "$2" >&2
  printf '%s\n' "$wanted" > "$place/installed"
}
