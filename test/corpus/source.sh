#!/usr/bin/env bash
# Puts test files of Debian's source package of a program into the cache. They are LGPL and not ours to ship. The machine's own
# apt settings are neither read nor changed; apt checks the archive against the release's signed index.
#
#   source.sh PACKAGE VERSION PATH...     prints the folder that has these paths of the archive
#
# Exit status: 0 they are there, 77 they cannot be had here (the reason is on stderr).
set -euo pipefail
release=trixie package=$1 version=$2
shift 2
cache=${XDG_CACHE_HOME:-$HOME/.cache}/virt-nodedev/sources
files=$cache/$package-$version # test/support/corpus.ts looks there
log=$files.log

cannot() {
  printf '%s: its test files cannot be had here: %s (see %s)\n' "$package" "$1" "$log" >&2
  exit 77
}

# Downloads into a temporary folder.
fetch() {
  local work options mirror
  # The machine's own mirror of Debian, whose sources it need not list.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Component: main' | grep -v security | sort -u | head -n 1)
  [ -n "$mirror" ] || { echo 'apt knows no mirror of Debian: run apt-get update first'; return 1; }
  work=$(mktemp -d "$cache/fetch.XXXXXX")
  trap 'rm -rf "$work"' RETURN
  mkdir -p "$work"/{sources,lists/partial,archives/partial,files}
  printf '%s\n' 'Types: deb-src' "URIs: $mirror" "Suites: $release" 'Components: main' \
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg' >"$work/sources/$release.sources"
  options=(-q -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/sources"
    -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update || return
  (cd "$work" && apt-get "${options[@]}" source --download-only --tar-only "$package") || return
  tar -xf "$work/${package}_$version".orig.tar.* -C "$work/files" --strip-components=1 "${@/#/$package-$version/}" || return
  mv "$work/files" "$files"
}

mkdir -p "$cache"
exec 9>"$log.lock"
flock 9 # a second run waits for the first, and then finds its files
if [ ! -d "$files" ]; then
  command -v apt-get >/dev/null || cannot 'there is no apt-get'
  [ -r /usr/share/keyrings/debian-archive-keyring.gpg ] || cannot 'the package debian-archive-keyring is not installed'
  fetch "$@" >"$log" 2>&1 || cannot 'the download failed'
fi
echo "$files"
