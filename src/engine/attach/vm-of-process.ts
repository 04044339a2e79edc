import { readFileSync } from 'node:fs';

/** What could not be a domain's name: libvirt refuses control characters, too. */
const PRINTABLE = /^[^\p{Cc}]{1,255}$/u;

/**
 * The name of the VM that a process runs, by QEMU's option `-name`, as libvirt gives it; undefined: it has none, or may not be
 * looked at.
 */
export function vmOfProcess(pid: number): string | undefined {
  let words: readonly string[];
  try {
    words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return undefined;
  }
  const at = words.findIndex((word) => word === '-name' || word === '--name');
  const name = at < 0 ? undefined : nameIn(words[at + 1] ?? '');
  return name !== undefined && PRINTABLE.test(name) ? name : undefined;
}

/** `vm1`, `vm1,debug-threads=on` and `guest=vm1,debug-threads=on`: a comma in a value is written twice. */
function nameIn(value: string): string | undefined {
  const parts = value.match(/(?:[^,]|,,)+/gu)?.map((part) => part.replaceAll(',,', ',')) ?? [];
  const named = parts.find((part) => part.startsWith('guest='));
  const [first] = parts;
  if (named !== undefined) return named.slice('guest='.length);
  return first?.includes('=') === true ? undefined : first;
}
