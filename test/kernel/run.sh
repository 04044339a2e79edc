#!/usr/bin/env bash
# Runs this folder's tests on a real kernel: in the guest, with the command as it is shipped, built before because
# the guest is slow.
#
#   run.sh [ARG...]     ARGs go to vitest; SEED draws random examples again, as in npm test; LENGTH: how many operations the
#                       differential test tries with each of its four seeds, for which the guest then has more time
#
# Exit status: 0 passed, 77 this machine cannot run the guest (the reason is on stderr), anything else a failure.
set -euo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
cd "$here/../.."
node_modules/.bin/rolldown -c >/dev/null
node_modules/.bin/rolldown -c test/kernel/rolldown.config.ts >/dev/null
exec "$here/guest.sh" -t $((1800 + ${LENGTH:-0})) env ${SEED:+SEED="$SEED"} ${LENGTH:+LENGTH="$LENGTH"} \
  node_modules/.bin/vitest run --config test/kernel/vitest.config.ts --configLoader runner "$@"
