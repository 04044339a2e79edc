#!/usr/bin/env bash
# Becomes Neovim of this Debian, unpacked with its libraries into a folder of the cache: nothing is installed.
#
#   neovim.sh [ARG...]     without ARGs it is only prepared
#
# Exit status: Neovim's; 77 when this machine cannot (the reason is on stderr).
set -euo pipefail
cache=${XDG_CACHE_HOME:-$HOME/.cache}/virt-nodedev
root=$cache/neovim
log=$cache/neovim.log

cannot() {
  printf 'virt-nodedev editors: no Neovim here: %s\n' "$1" >&2
  exit 77
}

mkdir -p "$cache"
exec 9>"$cache/neovim.lock"
flock 9
if [ ! -e "$root/.prepared" ]; then
  command -v apt-get >/dev/null || cannot 'there is no apt-get'
  echo "virt-nodedev editors: unpacking Neovim to $root (once; see $log)" >&2
  : >"$log"
  rm -rf "$root"
  mkdir -p "$root/debs"
  # Its libraries, too; not those every Debian has.
  libraries=$(apt-cache depends neovim | awk '/^ *\|?Depends: (lib|lua)/ { print $2 }' | grep -vxE 'libc6|libgcc-s1|libluajit2-5.1-2' || true)
  [ -n "$libraries" ] || cannot 'apt-cache does not know it (apt-get update?)'
  # shellcheck disable=SC2086
  (cd "$root/debs" && apt-get download -q neovim neovim-runtime $libraries >>"$log" 2>&1) ||
    cannot "apt-get could not download it (see $log)"
  for package in "$root"/debs/*.deb; do dpkg-deb -x "$package" "$root"; done
  rm -rf "$root/debs"
  touch "$root/.prepared"
fi
exec 9>&-
[ $# = 0 ] && exit
libraries=$(find "$root" -name '*.so*' -printf '%h\n' | sort -u | paste -sd:)
export LD_LIBRARY_PATH=$libraries VIMRUNTIME=$root/usr/share/nvim/runtime
exec "$root/usr/bin/nvim" "$@"
