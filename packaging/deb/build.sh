#!/usr/bin/env bash
# Builds virt-nodedev_VERSION_all.deb with Debian's tools: the command with all that it needs but Node, its man page,
# completions, units, udev rule and libvirt hook. The library comes from the registry, as programs need it.
#
#   build.sh [FOLDER]     where the package goes; default dist/
set -euo pipefail
cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../.."
target=$(realpath "${1:-dist}")
command -v dpkg-deb >/dev/null || { echo 'there is no dpkg-deb here (package dpkg)' >&2 && exit 1; }
version=$(node -p 'require("./package.json").version')
# The same commit gives the same bytes.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

npm run --silent build
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
lib=$root/usr/lib/virt-nodedev doc=$root/usr/share/doc/virt-nodedev
install -d "$lib/dist" "$root/usr/bin" "$doc"
cp -r dist/cli "$lib/dist/"
mv "$lib/dist/cli/licenses.txt" "$doc/licenses"
cp -r schemas samples package.json "$lib/"
ln -s ../lib/virt-nodedev/dist/cli/bin.js "$root/usr/bin/virt-nodedev"
install -D man/virt-nodedev.1 "$root/usr/share/man/man1/virt-nodedev.1"
install -D samples/udev/60-virt-nodedev.rules "$root/usr/lib/udev/rules.d/60-virt-nodedev.rules"
install -d "$root/usr/lib/systemd/system"
cp samples/systemd/* "$root/usr/lib/systemd/system/"
install -D packaging/deb/hook "$root/etc/libvirt/hooks/qemu.d/virt-nodedev"
install -d "$root/usr/share/bash-completion/completions" "$root/usr/share/zsh/vendor-completions" "$root/usr/share/fish/vendor_completions.d"
node dist/cli/bin.js -q completion bash >"$root/usr/share/bash-completion/completions/virt-nodedev"
node dist/cli/bin.js -q completion zsh >"$root/usr/share/zsh/vendor-completions/_virt-nodedev"
node dist/cli/bin.js -q completion fish >"$root/usr/share/fish/vendor_completions.d/virt-nodedev.fish"
{
  echo 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/'
  echo 'Upstream-Name: virt-nodedev'
  printf 'Comment: The full texts of what is bundled with the command are in the file licenses.gz in this folder; that of\n'
  printf ' Apache-2.0 is also in /usr/share/common-licenses/Apache-2.0. Bundled are:\n'
  sed -n 's/^== \(.*\) ==$/  \1/p' dist/cli/licenses.txt
  printf '\nFiles: *\nCopyright: %s\nLicense: Expat\n' "$(sed -n 's/^Copyright (c) //p' LICENSE)"
  sed '1,/^Copyright/d' LICENSE | sed '/./,$!d; s/^$/./; s/^/ /'
} >"$doc/copyright"
{
  printf 'virt-nodedev (%s) unstable; urgency=medium\n\n  * See CHANGELOG.md in this folder.\n\n' "$version"
  printf ' -- %s  %s\n' "$(sed -n 's/^Maintainer: //p' packaging/deb/control)" "$(LC_ALL=C date -R -u -d "@$SOURCE_DATE_EPOCH")"
} >"$doc/changelog"
cp CHANGELOG.md README.md "$doc/"

find "$root" -type d -exec chmod 755 {} +
find "$root" -type f -exec chmod 644 {} +
chmod 755 "$lib/dist/cli/bin.js" "$lib/samples/libvirt-hooks/qemu" "$root/etc/libvirt/hooks/qemu.d/virt-nodedev"
gzip -9n "$doc/changelog" "$doc/CHANGELOG.md" "$doc/licenses" "$root/usr/share/man/man1/virt-nodedev.1"

install -d "$root/DEBIAN"
echo /etc/libvirt/hooks/qemu.d/virt-nodedev >"$root/DEBIAN/conffiles"
(cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
size=$(du -ks --apparent-size --exclude=DEBIAN "$root" | cut -f1)
sed "s/@VERSION@/$version/; s/@SIZE@/$size/" packaging/deb/control >"$root/DEBIAN/control"
find "$root" -newermt "@$SOURCE_DATE_EPOCH" -exec touch --no-dereference -d "@$SOURCE_DATE_EPOCH" {} +
file=$target/virt-nodedev_${version}_all.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$file" >/dev/null
echo "$file"
