#!/usr/bin/env bash
# Builds the Debian package, and installs, uses and removes it in a Debian 13 of its own, the first release whose Node is new
# enough.
#
#   run.sh [ARG...]     ARGs go to vitest
#
# Exit status: 0 passed, 77 this machine cannot (the reason is on stderr), anything else a failure.
set -euo pipefail
cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../.."
command -v dpkg-deb >/dev/null || { echo 'cannot build the package here: there is no dpkg-deb' >&2 && exit 77; }
root=$(test/libvirt/debian.sh trixie)
# Other runs on this machine share the folder.
exec 9>"$root.run.lock"
flock 9
VIRT_NODEDEV_DEBIAN=$root node_modules/.bin/vitest run --config test/deb/vitest.config.ts "$@"
