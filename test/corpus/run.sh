#!/usr/bin/env bash
# Runs this folder's tests on the test files of libvirt and of mdevctl, which stay in the cache. Those of a program whose files
# cannot be had are left out.
#
#   run.sh [ARG...]     ARGs go to vitest
#
# Exit status: 0 passed, 77 no files can be had here (the reason is on stderr), anything else a failure.
set -euo pipefail
cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../.."
suites=()
test/corpus/source.sh libvirt 11.3.0 tests/{nodedevmdevctldata,nodedevschemadata,nodedevxml2xmlout,qemuxmlconfdata} >/dev/null &&
  suites+=(test/corpus/libvirt)
VIRT_NODEDEV_MDEVCTL=$(test/corpus/source.sh mdevctl 1.4.0 testdata src/tests) && suites+=(test/corpus/mdevctl)
export VIRT_NODEDEV_MDEVCTL
[ ${#suites[@]} -gt 0 ] || exit 77
exec node_modules/.bin/vitest run --config test/corpus/vitest.config.ts "${suites[@]}" "$@"
