#!/bin/sh
# Runs virsh on libvirtd's own node device driver, which reads a simulated host as this machine's: the host's
# sys/ stands at /sys, its definitions where mdevctl has them, its PCI ID database where libvirt looks.
#
#   unshare --mount --net --pid --fork libvirtd.sh RELEASE-ROOT HOST-ROOT ARGUMENT-OF-VIRSH...
#
# The namespaces end with this script: nothing stays mounted, and no other program's libvirtd is met.
set -e
root=$1 host=$2
shift 2
mount --bind "$host/sys" "$root/sys"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
mkdir -p "$host/etc/mdevctl.d" "$root/etc/mdevctl.d" "$root/usr/share/misc" "$root/var/log/libvirt"
mount --bind "$host/etc/mdevctl.d" "$root/etc/mdevctl.d"
mount --bind "$host/usr/share/misc" "$root/usr/share/misc"
# libudev asks whether what it reads is a kernel's file system, unless it is told not to.
export SYSTEMD_DEVICE_VERIFY_SYSFS=0
chroot "$root" libvirtd --daemon
for _ in $(seq 100); do
  chroot "$root" virsh --quiet --connect nodedev:///system version >/dev/null 2>&1 && break
  sleep 0.1
done
# Errors among the answers, where a caller asks for that.
if [ -n "${MERGED:-}" ]; then exec 2>&1; fi
chroot "$root" virsh "$@"
