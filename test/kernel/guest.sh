#!/usr/bin/env bash
# Runs a command on a real Linux kernel with real mediated devices: boots Debian's kernel under QEMU (software
# emulation, so that it works everywhere), loads the kernel's sample drivers mtty, mdpy and mbochs, and runs the
# command there as root.
#
#   guest.sh [-C DIR] [-o OUT] [-t SECONDS] [--] COMMAND [ARG...]
#
#   -C DIR      run in DIR instead of the current directory
#   -o OUT      folder shared with the guest as /job; keeps stdout, stderr, dmesg, console and what COMMAND puts there
#   -t SECONDS  end the guest after this time (default 600)
#
# The guest sees this machine's files (the checkout, node, its modules) read-only below a tmpfs: it may write
# anywhere, and nothing comes back except what it writes to /job. Its output appears here as it comes.
#
# Exit status: COMMAND's; 77 when this machine cannot run the guest; 124 after -t; 125 when the guest broke.
set -uo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/virt-nodedev/kernel

usage() {
  sed -n '6p' "$here/guest.sh" | cut -c 5- >&2
  exit 2
}

folder=$PWD
job=
limit=600
while getopts C:o:t: option; do
  case $option in
    C) folder=$OPTARG ;;
    o) job=$OPTARG ;;
    t) limit=$OPTARG ;;
    *) usage ;;
  esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || usage

bash "$here/prepare.sh" "$cache" || exit

if [ -z "$job" ]; then
  job=$(mktemp -d)
  trap 'rm -rf "$job"' EXIT
fi
mkdir -p "$job"
job=$(realpath "$job")
rm -f "$job"/{status,stdout,stderr,dmesg,console}
: >"$job/stdout"
: >"$job/stderr"
{
  printf 'export PATH=%q HOME=/root LANG=C.UTF-8\n' "$PATH:/usr/sbin:/sbin"
  for driver in mtty mdpy mbochs; do echo "modprobe $driver || exit 125"; done
  printf 'cd %q || exit 125\n' "$(realpath "$folder")"
  printf 'exec'
  printf ' %q' "$@"
  echo
} >"$job/command"

# la57 is off because five-level page tables make emulation slower.
timeout -k 5 "$limit" qemu-system-x86_64 \
  -machine pc -accel tcg,thread=multi,tb-size=512 -cpu max,la57=off -smp 2 -m 3072 \
  -nodefaults -no-user-config -display none -no-reboot -serial "file:$job/console" \
  -kernel "$cache/vmlinux" -initrd "$cache/initramfs.gz" \
  -append 'console=ttyS0 quiet panic=-1 nokaslr mitigations=off no_timer_check tsc=reliable random.trust_cpu=on' \
  -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
  -virtfs "local,path=$job,mount_tag=job,security_model=none,multidevs=remap" \
  -object rng-random,id=random,filename=/dev/urandom -device virtio-rng-pci,rng=random \
  </dev/null >"$job/qemu" 2>&1 &
qemu=$!
trap 'kill "$qemu" 2>/dev/null' INT TERM
tail --pid="$qemu" -s 0.2 -n +1 -f "$job/stdout" &
tail --pid="$qemu" -s 0.2 -n +1 -f "$job/stderr" >&2 &
wait "$qemu"
ended=$?
wait

[ -s "$job/status" ] && exit "$(cat "$job/status")"
if [ "$ended" = 124 ]; then
  echo "guest.sh: ended after $limit seconds" >&2
  exit 124
fi
echo 'guest.sh: the guest ended without a result:' >&2
tail -n 20 "$job/console" "$job/qemu" >&2
exit 125
