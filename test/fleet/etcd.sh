#!/usr/bin/env bash
# Prints the folder with etcd, of Debian's package: unpacked into the cache, not installed, and no service started.
# Exit status: 77 when this machine cannot (the reason is on stderr).
set -euo pipefail
cache=${XDG_CACHE_HOME:-$HOME/.cache}/virt-nodedev/etcd
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ ! -x "$cache/root/usr/bin/etcd" ]; then
  cannot() {
    echo "cannot run etcd here: $1" >&2
    exit 77
  }
  command -v apt-get >/dev/null || cannot 'there is no apt-get to fetch etcd-server with'
  download=$(mktemp -d)
  fetch() { (cd "$download" && apt-get download -q etcd-server) >>"$cache/log" 2>&1; }
  fetch || { apt-get update -q >>"$cache/log" 2>&1 && fetch; } || cannot "etcd-server cannot be fetched (see $cache/log)"
  dpkg -x "$download"/etcd-server_*.deb "$cache/unpacked"
  rm -rf "$cache/root" "$download"
  mv "$cache/unpacked" "$cache/root"
fi
echo "$cache/root/usr/bin"
