#!/usr/bin/env bash
# Runs the command of this checkout, which is built at its first use: for pre-commit and GitHub's runners, which have clones.
set -euo pipefail
here=$(dirname "$(dirname "$(realpath "${BASH_SOURCE[0]}")")")
command -v node >/dev/null || { echo 'virt-nodedev needs Node.js 20.19 or later, and there is no node in PATH' >&2 && exit 1; }
node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' ||
  { echo "virt-nodedev needs Node.js 20.19 or later, and node in PATH is $(node --version)" >&2 && exit 1; }
# One builds, and the others wait.
exec 9<"$here/package.json"
if command -v flock >/dev/null; then flock 9; fi
[ -e "$here/dist/cli/bin.js" ] || (cd "$here" && npm ci --silent && npm run --silent build) >&2
exec 9<&-
exec node "$here/dist/cli/bin.js" "$@"
