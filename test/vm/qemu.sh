#!/bin/sh
# Becomes QEMU of the Debian release in a folder, run where it lies: with its own loader, libraries, modules and firmware.
#
#   VIRT_NODEDEV_DEBIAN=FOLDER qemu.sh [ARG...]
root=${VIRT_NODEDEV_DEBIAN:?it is the folder of a Debian release}
lib=$root/usr/lib/x86_64-linux-gnu
export QEMU_MODULE_DIR="$lib/qemu"
exec "$root/lib64/ld-linux-x86-64.so.2" --library-path "$lib" "$root/usr/bin/qemu-system-x86_64" \
  -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" "$@"
