#!/usr/bin/env bash
# Packs the extension for VS Code and looks into it, and drives the language server from headless Neovim.
#
#   run.sh [ARG...]     ARGs go to vitest
#
# Exit status: 0 passed, 77 this machine cannot (the reason is on stderr), anything else a failure.
set -euo pipefail
cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../.."
test/editors/neovim.sh
npm run --silent build
# Nothing of it runs before the extension is packed; the scripts of its packages are for other programs.
npm ci --silent --prefer-offline --ignore-scripts --prefix editors/vscode
exec node_modules/.bin/vitest run --config test/editors/vitest.config.ts "$@"
