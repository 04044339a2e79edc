#!/usr/bin/env bash
# Hosts of other machines: an sshd on loopback, of Debian's package, with keys, accounts and a configuration of its own.
#
#   run.sh [ARG...]     ARGs go to vitest
#
# Exit status: 0 passed, 77 this machine cannot (the reason is on stderr), anything else a failure.
set -euo pipefail
cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../.."

cannot() {
  echo "cannot run an sshd here: $1" >&2
  exit 77
}
[ "$(id -u)" = 0 ] || cannot 'it takes root, which sshd gives up for the user that logs in'
command -v ssh ssh-keygen >/dev/null || cannot 'there is no ssh client'
unshare --mount true 2>/dev/null || cannot 'no mount namespace can be made (unshare)'

# The package is unpacked into a folder: nothing is installed, and no service started.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/virt-nodedev/openssh
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ ! -e "$cache/root/.complete" ]; then
  command -v apt-get >/dev/null || cannot 'there is no apt-get to fetch openssh-server with'
  download=$(mktemp -d)
  fetch() { (cd "$download" && apt-get download -q openssh-server libwrap0) >>"$cache/log" 2>&1; }
  fetch || { apt-get update -q >>"$cache/log" 2>&1 && fetch; } || cannot "openssh-server cannot be fetched (see $cache/log)"
  rm -rf "$cache/root"
  for package in "$download"/*.deb; do dpkg -x "$package" "$cache/root"; done
  rm -rf "$download"
  touch "$cache/root/.complete"
fi
exec 9>&-

npm run --silent build
if [ $# = 0 ]; then node_modules/.bin/vitest run --config test/fleet/through-pipes.config.ts; fi
export VIRT_NODEDEV_SSHD=$cache/root
vitest=(node_modules/.bin/vitest run --config test/fleet/vitest.config.ts "$@")
# A network of the test's own, in which it makes machines (network.ts); nothing of it is left, nor seen by others.
own_network='mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns && ip link set lo up && ip link add probe type bridge && ip link delete probe'
if unshare --net --mount bash -c "$own_network"; then
  VIRT_NODEDEV_OWN_NETWORK=yes exec unshare --net --mount bash -c "$own_network"' && exec "$@"' _ "${vitest[@]}"
fi
echo 'no network namespaces can be made here (the reason stands above): links of agents are cut by relays instead' >&2
exec "${vitest[@]}"
