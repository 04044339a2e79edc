#!/usr/bin/env bash
# Runs a command in a Debian of another release: libvirt's clients and mdevctl of that release, installed into a
# folder of their own that is kept in the cache, with the machine's services and configuration out of reach.
#
#   debian.sh SUITE COMMAND [ARG...]     SUITE: bookworm, trixie, testing, …; the command runs as root in the folder
#   debian.sh SUITE                      prepares only and prints the folder
#
# Exit status: COMMAND's; 77 when this machine cannot (the reason is on stderr). Needs root.
set -euo pipefail
suite=${1:?usage: debian.sh SUITE [COMMAND [ARG...]]}
shift
cache=${XDG_CACHE_HOME:-$HOME/.cache}/virt-nodedev/debian
root=$cache/$suite
# Debian 12 has the node device driver in the daemon's package, and installs all emulators with it.
packages=(libvirt-clients libvirt-daemon libvirt-daemon-driver-qemu mdevctl libxml2-utils qemu-system-x86)
case $suite in
  bookworm) ;;
  # For the package of the command itself: Node, what it is checked with, and the shells it completes in.
  trixie) packages=(nodejs lintian man-db bash-completion zsh fish udev systemd) ;;
  *) packages+=(libvirt-daemon-driver-nodedev qemu-system-s390x) ;;
esac

cannot() {
  printf 'virt-nodedev debian: cannot run %s here: %s\n' "$suite" "$1" >&2
  exit 77
}

[ "$(id -u)" = 0 ] || cannot 'it takes root to install and to change the root directory'

mkdir -p "$cache"
exec 9>"$cache/$suite.lock"
flock 9 # a second run waits for the first, and then finds its result
if [ "$(cat "$root/.prepared" 2>/dev/null)" != "${packages[*]}" ]; then
  log=$cache/$suite.log
  echo "virt-nodedev debian: preparing $root (once; see $log)" >&2
  : >"$log"
  if ! command -v debootstrap >/dev/null; then
    command -v apt-get >/dev/null || cannot 'there is no debootstrap and no apt-get'
    apt-get update -q >>"$log" 2>&1 || true
    apt-get install -q -y --no-install-recommends debootstrap >>"$log" 2>&1 || cannot "no debootstrap (see $log)"
  fi
  rm -rf "$root"
  debootstrap --variant=minbase "$suite" "$root" >>"$log" 2>&1 || cannot "debootstrap failed (see $log)"
  # A service has no business in a folder: packages that would start one are told not to.
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  DEBIAN_FRONTEND=noninteractive unshare --mount chroot "$root" sh -c \
    'mount -t proc proc /proc && apt-get install -q -y --no-install-recommends "$@"' sh "${packages[@]}" \
    >>"$log" 2>&1 || cannot "installing ${packages[*]} failed (see $log)"
  rm -rf "$root"/var/cache/apt/archives/*.deb
  # The QEMU driver looks for its user, which Debian 12 makes with the services only.
  chroot "$root" sh -c 'id libvirt-qemu || useradd --system --user-group libvirt-qemu' >>"$log" 2>&1
  echo "${packages[*]}" >"$root/.prepared"
fi
exec 9>&-

if [ $# = 0 ]; then
  echo "$root"
  exit
fi
# A mount namespace of its own: nothing stays mounted, whatever happens.
exec unshare --mount chroot "$root" sh -c \
  'mount -t proc proc /proc; mount -t devtmpfs dev /dev; mount -t tmpfs tmpfs /run; exec "$@"' sh "$@"
