#!/usr/bin/env bash
# Mounts simulated hosts and lets other programs use them. It needs root, /dev/fuse, and mount namespaces.
#
#   run.sh [ARG...]     ARGs go to vitest
#
# Exit status: 0 passed, 77 this machine cannot (the reason is on stderr), anything else a failure.
set -euo pipefail
cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../.."

cannot() {
  echo "cannot mount here: $1" >&2
  exit 77
}
[ "$(id -u)" = 0 ] || cannot 'it takes root'
[ -w /dev/fuse ] || cannot 'there is no /dev/fuse'
unshare --mount true 2>/dev/null || cannot 'no mount namespace can be made (unshare)'

npm run --silent build
host=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo /tmp)" virt-nodedev-mount-XXXXXX)
trap 'rm -rf --one-file-system "$host"' EXIT
virt_nodedev=(node dist/cli/bin.js)
"${virt_nodedev[@]}" -q sim init "$host/first" --profile kernel-samples
mkdir "$host/sys"
"${virt_nodedev[@]}" -q sim mount "$host/first" "$host/sys" &
server=$!
for _ in $(seq 200); do
  [ -d "$host/sys/class" ] && break
  kill -0 $server 2>/dev/null || cannot 'the kernel or its rules refuse the mount, as said above'
  sleep 0.05
done
kill $server
wait $server

for layout in '' v7; do
  "${virt_nodedev[@]}" -q sim init "$host/contract$layout" --profile kernel-samples ${layout:+--layout "$layout"}
  "${virt_nodedev[@]}" sim run "$host/contract$layout" -- \
    node_modules/.bin/vitest run --config test/mount/vitest.config.ts test/mount/inside
done
node_modules/.bin/vitest run --config test/mount/vitest.config.ts --exclude 'test/mount/inside/**' "$@"
