#!/usr/bin/env bash
# Many hosts, with real programs of Debian's packages: etcd's members, and an sshd on loopback with keys, accounts and a
# configuration of its own.
#
#   run.sh [ARG...]     ARGs go to vitest
#
# Exit status: 0 passed (what this machine cannot is left out, and said on stderr), 77 it can nothing of it, anything else a failure.
set -euo pipefail
cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../.."

# Prints why no sshd can be run here, or unpacks it into a folder: nothing is installed, and no service started.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/virt-nodedev/openssh
no_sshd() {
  [ "$(id -u)" = 0 ] || { echo 'it takes root, which sshd gives up for the user that logs in'; return; }
  command -v ssh ssh-keygen >/dev/null || { echo 'there is no ssh client'; return; }
  unshare --mount true 2>/dev/null || { echo 'no mount namespace can be made (unshare)'; return; }
  [ ! -e "$cache/root/.complete" ] || return 0
  command -v apt-get >/dev/null || { echo 'there is no apt-get to fetch openssh-server with'; return; }
  local download
  download=$(mktemp -d)
  fetch() { (cd "$download" && apt-get download -q openssh-server libwrap0) >>"$cache/log" 2>&1; }
  fetch || { apt-get update -q >>"$cache/log" 2>&1 && fetch; } || { echo "openssh-server cannot be fetched (see $cache/log)"; return; }
  rm -rf "$cache/root"
  for package in "$download"/*.deb; do dpkg -x "$package" "$cache/root"; done
  rm -rf "$download"
  touch "$cache/root/.complete"
}
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
why=$(no_sshd)
exec 9>&-

without=()
if [ -n "$why" ]; then
  echo "without ssh: cannot run an sshd here: $why" >&2
  without=(--exclude '**/ssh.fleet.ts')
  # etcd.sh says why itself.
  test/fleet/etcd.sh >/dev/null || exit 77
fi
npm run --silent build
if [ $# = 0 ]; then node_modules/.bin/vitest run --config test/fleet/through-pipes.config.ts; fi
export VIRT_NODEDEV_SSHD=$cache/root
vitest=(node_modules/.bin/vitest run --config test/fleet/vitest.config.ts "${without[@]}" "$@")
# A network of the test's own, in which it makes machines (network.ts); nothing of it is left, nor seen by others.
own_network='mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns && ip link set lo up && ip link add probe type bridge && ip link delete probe'
if unshare --net --mount bash -c "$own_network"; then
  VIRT_NODEDEV_OWN_NETWORK=yes exec unshare --net --mount bash -c "$own_network"' && exec "$@"' _ "${vitest[@]}"
fi
echo 'no network namespaces can be made here (the reason stands above): links of agents are cut by relays instead' >&2
exec "${vitest[@]}"
