#!/usr/bin/env bash
# Runs this folder's tests on libvirt's own test files. They are LGPL and not ours to ship, so they come from Debian's
# source package of libvirt, and stay in the cache. The machine's own apt settings are neither read nor changed.
#
#   run.sh [ARG...]     ARGs go to vitest
#
# Exit status: 0 passed, 77 the files cannot be had here (the reason is on stderr), anything else a failure.
set -euo pipefail
cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../.."
release=trixie version=11.3.0
cache=${XDG_CACHE_HOME:-$HOME/.cache}/virt-nodedev
files=$cache/libvirt-$version # test/support/corpus.ts looks there
log=$files.log

cannot() {
  printf "libvirt's test files cannot be had here: %s (see %s)\n" "$1" "$log" >&2
  exit 77
}

# Downloads the source package into a temporary folder and leaves its test files in the cache. apt checks the
# archive against the release's signed index.
fetch() {
  local work options mirror parts=(nodedevmdevctldata nodedevschemadata nodedevxml2xmlout qemuxmlconfdata)
  # The machine's own mirror of Debian, whose sources it need not list.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Component: main' | grep -v security | sort -u | head -n 1)
  [ -n "$mirror" ] || { echo 'apt knows no mirror of Debian: run apt-get update first'; return 1; }
  work=$(mktemp -d "$cache/fetch.XXXXXX")
  trap 'rm -rf "$work"' RETURN
  mkdir -p "$work"/{sources,lists/partial,archives/partial,tests}
  printf '%s\n' 'Types: deb-src' "URIs: $mirror" "Suites: $release" 'Components: main' \
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg' >"$work/sources/$release.sources"
  options=(-q -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/sources"
    -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update || return
  (cd "$work" && apt-get "${options[@]}" source --download-only --tar-only libvirt) || return
  tar -xJf "$work/libvirt_$version.orig.tar.xz" -C "$work/tests" --strip-components=2 \
    "${parts[@]/#/libvirt-$version/tests/}" || return
  mv "$work/tests" "$files"
}

mkdir -p "$cache"
exec 9>"$log.lock"
flock 9 # a second run waits for the first, and then finds its files
if [ ! -d "$files" ]; then
  command -v apt-get >/dev/null || cannot 'there is no apt-get'
  [ -r /usr/share/keyrings/debian-archive-keyring.gpg ] || cannot 'the package debian-archive-keyring is not installed'
  fetch >"$log" 2>&1 || cannot 'the download failed'
fi
exec 9>&-
exec node_modules/.bin/vitest run --config test/corpus/vitest.config.ts "$@"
