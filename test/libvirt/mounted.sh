#!/bin/sh
# Runs commands in the folder of a release, on the host that `sim run` makes this machine.
#
#   virt-nodedev sim run HOST -- mounted.sh RELEASE-ROOT SCRIPT
set -e
root=$1 script=$2
for path in sys dev proc etc/mdevctl.d; do
  mkdir -p "$root/$path"
  mount --rbind "/$path" "$root/$path"
done
mount -t tmpfs tmpfs "$root/run"
exec chroot "$root" sh -c "$script"
