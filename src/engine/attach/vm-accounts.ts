import { readFileSync } from 'node:fs';
import { LockedMemory } from '../../host/vfio/locked-memory.ts';

const PAGE = 4096;
/** Bit of a capability set: who has it may lock as much as it likes (capabilities(7), CAP_IPC_LOCK). */
const CAP_IPC_LOCK = 1n << 14n;

/** The accounts of locked memory of VMs: one for each process, as long as it has a device open. */
export class VmAccounts {
  readonly #accounts = new Map<number, { readonly locked: LockedMemory; devices: number }>();

  /** The account of a process that opens one more device. */
  open(pid: number): LockedMemory {
    const account = this.#accounts.get(pid) ?? {
      locked: new LockedMemory(limitOf(pid)),
      devices: 0,
    };
    account.devices += 1;
    this.#accounts.set(pid, account);
    return account.locked;
  }

  close(pid: number): void {
    const account = this.#accounts.get(pid);
    if (account === undefined) return;
    account.devices -= 1;
    if (account.devices === 0) this.#accounts.delete(pid);
  }
}

/** How many pages a process may lock; none where it cannot be asked. */
function limitOf(pid: number): number {
  try {
    const [limits, status] = ['limits', 'status'].map((name) =>
      readFileSync(`/proc/${pid}/${name}`, 'utf8'),
    );
    return lockLimit(limits ?? '', status ?? '');
  } catch {
    return 0;
  }
}

/**
 * How many pages a process may lock: its RLIMIT_MEMLOCK, or any number when it has CAP_IPC_LOCK.
 *
 * @param limits of `/proc/PID/limits`
 * @param status of `/proc/PID/status`
 */
export function lockLimit(limits: string, status: string): number {
  const effective = /^CapEff:\s*([0-9a-f]+)$/mu.exec(status)?.[1] ?? '0';
  if ((BigInt(`0x${effective}`) & CAP_IPC_LOCK) !== 0n) return Infinity;
  const soft = /^Max locked memory\s+(\S+)/mu.exec(limits)?.[1];
  return soft === 'unlimited' ? Infinity : Math.trunc(Number(soft ?? 0) / PAGE);
}
