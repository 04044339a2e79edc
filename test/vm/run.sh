#!/usr/bin/env bash
# Gives simulated devices to a VM: QEMU of Debian testing, and the kernel that test/kernel boots, in software emulation.
#
#   run.sh [ARG...]     ARGs go to vitest
#
# Exit status: 0 passed, 77 this machine cannot (the reason is on stderr), anything else a failure.
set -euo pipefail
cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../.."
cache=${XDG_CACHE_HOME:-$HOME/.cache}/virt-nodedev/kernel
[ "$(uname -m)" = x86_64 ] || { echo 'cannot run the VM here: it is x86-64, this machine is not' >&2; exit 77; }
bash test/kernel/prepare.sh "$cache"
VIRT_NODEDEV_DEBIAN=$(test/libvirt/debian.sh testing)
export VIRT_NODEDEV_DEBIAN VIRT_NODEDEV_KERNEL=$cache
test/vm/qemu.sh -device vfio-user-pci,help >/dev/null || { echo 'cannot run the VM here: this QEMU has no vfio-user-pci' >&2; exit 77; }
npm run --silent build
exec node_modules/.bin/vitest run --config test/vm/vitest.config.ts "$@"
