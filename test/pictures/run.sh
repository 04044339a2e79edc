#!/usr/bin/env bash
# Looks at the pictures in headless Chromium: layout, colours, keyboard. Screenshots go to dist/screenshots.
#
#   run.sh [ARG...]     ARGs go to vitest
#
# Exit status: 0 passed, 77 there is no Chromium (the reason is on stderr), anything else a failure.
set -euo pipefail
cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../.."
for name in "${CHROMIUM:-chromium}" chromium-browser google-chrome; do
  if CHROMIUM=$(command -v "$name"); then
    export CHROMIUM
    "$CHROMIUM" --version
    exec node_modules/.bin/vitest run --config test/pictures/vitest.config.ts "$@"
  fi
done
echo 'no Chromium: install it (apt-get install chromium), or name one with CHROMIUM=PROGRAM' >&2
exit 77
