#!/usr/bin/env bash
# Makes what guest.sh boots: Debian's own kernel, the kernel's sample mediated device drivers built for it, and
# an initramfs with the modules. Needs Debian 12 or later on x86-64; installs the few missing tools when it is
# root. Downloads about 180 MB and takes half a minute, once: the result is kept.
#
#   prepare.sh CACHE     leaves CACHE/vmlinux, CACHE/initramfs.gz, CACHE/vm.gz (of test/vm) and CACHE/stamp
#
# Exit status: 0 ready, 77 this machine cannot (the reason is on stderr), anything else a failure.
set -euo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
cache=$(realpath -m "${1:?usage: prepare.sh CACHE}")

# Kernel modules of the guest. The first line is what init needs to reach this machine's files.
boot_modules=(virtio_pci 9pnet_virtio 9p overlay virtio_rng)
sample_drivers=(mtty mdpy mbochs)
# What a guest needs that is given such devices: their drivers.
vm_modules=(bochs mdpy-fb)

cannot() {
  printf 'virt-nodedev kernel guest: cannot run here: %s\n' "$1" >&2
  exit 77
}

# Debian packages of the commands that are not installed.
missing_packages() {
  local entry
  for entry in qemu-system-x86_64:qemu-system-x86 modprobe:kmod depmod:kmod cpio:cpio gcc:gcc make:make xz:xz-utils \
    udevadm:udev; do
    command -v "${entry%%:*}" >/dev/null || echo "${entry##*:}"
  done | sort -u
  ldconfig -p | grep -q libelf.so.1 || echo libelf-dev # for the kernel's objtool
}

install_tools() {
  local packages
  mapfile -t packages < <(missing_packages)
  [ ${#packages[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || cannot "these packages are missing, and installing them takes root: ${packages[*]}"
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${packages[@]}" >>"$log" 2>&1 ||
    cannot "apt-get could not install ${packages[*]} (see $log)"
}

# The packages Debian's meta package for its stock kernel and that kernel's headers depend on.
dependencies() { apt-cache depends "$1" | awk '/ Depends: linux-/ { print $2 }'; }

# Unpacks packages into a folder instead of installing them.
unpack_packages() {
  local folder=$1 package
  shift
  mkdir -p debs "$folder"
  (cd debs && apt-get download -q "$@" >>"$log" 2>&1) || cannot "apt-get could not download $* (see $log)"
  for package in debs/*.deb; do dpkg-deb -x "$package" "$folder"; done
}

# Builds the sample drivers, which Debian's kernel leaves out, from Debian's source of that kernel.
build_drivers() {
  local root=$1 version=$2 archive headers source configuration driver
  archive=$(find "$root/usr/src" -name 'linux-source-*.tar.xz')
  headers=$root/usr/src/linux-headers-$version
  source=$PWD/source
  mkdir "$source"
  tar -C "$source" --strip-components=1 --wildcards -xJf "$archive" '*/samples/vfio-mdev' '*/scripts/extract-vmlinux'
  # The packaged Makefile names its other half below /usr/src, where it would be if it were installed.
  echo "include $(find "$root/usr/src" -maxdepth 1 -name 'linux-headers-*-common')/Makefile" >"$headers/Makefile"
  configuration=()
  for driver in "${sample_drivers[@]}" mdpy_fb; do configuration+=("CONFIG_SAMPLE_VFIO_MDEV_${driver^^}=m"); done
  make -C "$headers" M="$source/samples/vfio-mdev" CONFIG_DEBUG_INFO_BTF_MODULES= "${configuration[@]}" modules >>"$log" 2>&1
  mkdir "$root/lib/modules/$version/extra"
  cp "$source"/samples/vfio-mdev/*.ko "$root/lib/modules/$version/extra/"
  depmod -b "$root" "$version"
  "$source/scripts/extract-vmlinux" "$root/boot/vmlinuz-$version" >vmlinux
}

# Files of modules and all they need, in loading order; modules built into the kernel have none.
module_files() {
  local root=$1 version=$2 module
  shift 2
  for module in "$@"; do
    modprobe -d "$root" -S "$version" --show-depends "$module" | awk '$1 == "insmod" { print $2 }'
  done | awk '!seen[$0]++'
}

# Packs an initramfs: its name, its init, then the modules that this loads, and after -- those that can be loaded later.
pack_initramfs() {
  local root=$1 version=$2 tree=$PWD/$3 init=$4 file
  local modules=$tree/lib/modules/$version boot=() later=()
  shift 4
  while [ $# -gt 0 ] && [ "$1" != -- ]; do boot+=("$1") && shift; done
  later=("${@:2}")
  mkdir -p "$tree/bin" "$modules"
  cp "$root/bin/busybox" "$tree/bin/"
  cp "$init" "$tree/init"
  chmod 755 "$tree/init"
  module_files "$root" "$version" "${boot[@]}" | xargs -n 1 basename -s .xz >"$tree/boot-modules"
  module_files "$root" "$version" "${boot[@]}" "${later[@]}" | while read -r file; do
    case $file in
      *.xz) xz -dc "$file" >"$modules/$(basename -s .xz "$file")" ;;
      *) cp "$file" "$modules/" ;;
    esac
  done
  cp "$root/lib/modules/$version"/modules.{order,builtin,builtin.modinfo} "$modules/"
  depmod -b "$tree" "$version"
  (cd "$tree" && find . | cpio -o -H newc --quiet | gzip -1) >"$tree.gz"
}

[ "$(uname -m)" = x86_64 ] || cannot 'the guest is x86-64, this machine is not'
command -v apt-get >/dev/null || cannot 'the kernel comes from Debian packages, and there is no apt-get'
export PATH=$PATH:/sbin:/usr/sbin

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9 # a second run waits for the first, and then finds its result
stamp=$(cat "$here/prepare.sh" "$here/init" "$here/../vm/init" | sha256sum)
if [ "$(cat "$cache/stamp" 2>/dev/null)" = "$stamp" ] && [ -z "$(missing_packages)" ]; then exit 0; fi

log=$cache/prepare.log
echo "virt-nodedev kernel guest: preparing in $cache (once; see prepare.log)" >&2
: >"$log"
# Package lists may be absent or name versions that are gone; without root the present ones have to do.
if [ "$(id -u)" = 0 ]; then apt-get update -q >>"$log" 2>&1 || true; fi
install_tools

rm -rf "$cache/stamp" "$cache/build"
mkdir "$cache/build"
cd "$cache/build"
image=$(dependencies linux-image-amd64 | head -n 1)
[ -n "$image" ] || cannot 'apt knows no package linux-image-amd64'
version=${image#linux-image-}
mapfile -t headers < <(dependencies "linux-headers-$version" | grep -E -- '-common$|^linux-kbuild-')
unpack_packages root "$image" "linux-headers-$version" "${headers[@]}" busybox-static \
  "linux-source-$(echo "$version" | cut -d. -f1,2)"
build_drivers "$PWD/root" "$version" || { echo "building the sample drivers failed, see $log" >&2; exit 1; }
pack_initramfs "$PWD/root" "$version" initramfs "$here/init" "${boot_modules[@]}" -- "${sample_drivers[@]}"
pack_initramfs "$PWD/root" "$version" vm "$here/../vm/init" "${vm_modules[@]}"
mv vmlinux initramfs.gz vm.gz "$cache/"
cd "$cache"
rm -rf "$cache/build"
echo "$stamp" >"$cache/stamp"
