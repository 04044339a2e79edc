#!/usr/bin/env bash
# Holds what this library writes and reads against real libvirt, mdevctl and QEMU: the oldest release it supports
# and the newest there is. A release that cannot be had here is named and left out; with none, exit status 77.
#
#   run.sh [ARG...]     ARGs go to vitest
set -uo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
cd "$here/../.." || exit
cache=${XDG_CACHE_HOME:-$HOME/.cache}/virt-nodedev/debian
mkdir -p "$cache"
exec 9>"$cache/run.lock"
# The tests define and list devices in the releases' folders, which all runs on this machine share.
flock --nonblock 9 || { echo 'waiting for another run to end' >&2 && flock 9; }
result=77
for suite in bookworm testing; do
  root=$("$here/debian.sh" "$suite")
  status=$?
  if [ $status = 77 ]; then continue; fi
  if [ $status = 0 ]; then
    versions=$(chroot "$root" dpkg-query --show --showformat "\${Package} \${Version}, " libvirt0 mdevctl qemu-system-x86)
    echo "$suite: ${versions%, }"
    VIRT_NODEDEV_DEBIAN=$root node_modules/.bin/vitest run --config test/libvirt/vitest.config.ts "$@"
    status=$?
  fi
  if [ $result = 77 ] || [ $status != 0 ]; then result=$status; fi
done
exit $result
