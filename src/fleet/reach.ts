import * as v from 'valibot';
import { checkArguments } from '../arguments.ts';
import { NodedevError } from '../errors.ts';
import type { Connection } from '../plan/connection.ts';
import type { FleetHost } from './fleet.ts';
import { notReached } from './messages.ts';

/** How hosts are asked. */
export interface ReachOptions {
  /** Opens the connection to a host. When the signal is aborted, the host is given up, also later. */
  readonly connect: (host: FleetHost, signal: AbortSignal) => Promise<Connection>;
  /** How many are asked at once. Default 20: each may be a process and a handshake. */
  readonly connections?: number | undefined;
  /** Seconds for each host. Default 30. */
  readonly deadline?: number | undefined;
  /** Ends all of it: hosts that have not answered are not reached. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each host with the number of hosts done and of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export const fleetHosts = v.array(
  v.looseObject({ name: v.string(), uri: v.string(), labels: v.array(v.string()) }),
);
const positive = v.optional(v.pipe(v.number(), v.gtValue(0)));
export const reachOptions = v.looseObject({
  connect: v.function(),
  connections: positive,
  deadline: positive,
  signal: v.optional(v.instance(AbortSignal)),
  onProgress: v.optional(v.function()),
});
const ARGUMENTS = [fleetHosts, v.function(), reachOptions];

/**
 * What came of a host. `answered`: it was reached, and did what it was asked, or refused it. `unknown`: nobody can tell what it has,
 * or whether what was begun there was done.
 */
export type Reached<T> =
  | { readonly host: FleetHost; readonly state: 'answered'; readonly value: T }
  | { readonly host: FleetHost; readonly state: 'refused'; readonly error: NodedevError }
  | { readonly host: FleetHost; readonly state: 'unknown'; readonly error: NodedevError };

/**
 * Asks many hosts, some at a time. No host is in the way of another: one that cannot be reached, loses its connection or does not
 * answer in time is `unknown`. The results are in the order of the hosts. What is no {@link NodedevError} is a defect, and thrown.
 */
export async function onHosts<T>(
  hosts: readonly FleetHost[],
  ask: (host: FleetHost, connection: Connection, signal: AbortSignal) => Promise<T>,
  options: ReachOptions,
): Promise<readonly Reached<T>[]> {
  checkArguments('onHosts', ARGUMENTS, [hosts, ask, options]);
  const { connections = 20, onProgress } = options;
  const results: Reached<T>[] = [];
  const waiting = hosts.entries();
  let done = 0;
  const worker = async (): Promise<void> => {
    for (const [index, host] of waiting) {
      results[index] = await reach(host, ask, options);
      done += 1;
      onProgress?.(done, hosts.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(connections, hosts.length) }, worker));
  return results;
}

async function reach<T>(
  host: FleetHost,
  ask: (host: FleetHost, connection: Connection, signal: AbortSignal) => Promise<T>,
  { connect, deadline = 30, signal: all }: ReachOptions,
): Promise<Reached<T>> {
  const ending = new AbortController();
  const now = { isConnected: false };
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    const giveUp = (error: NodedevError): void => {
      reject(error);
      ending.abort(error);
    };
    timer = setTimeout(() => {
      giveUp(notReached(host.name, deadline));
    }, deadline * 1000);
    onAbort = () => {
      giveUp(new NodedevError('aborted', `host '${host.name}' was not waited for`));
    };
    if (all?.aborted === true) onAbort();
    else all?.addEventListener('abort', onAbort, { once: true });
  });
  const answer = (async (): Promise<T> => {
    const connection = await connect(host, ending.signal);
    try {
      ending.signal.throwIfAborted();
      now.isConnected = true;
      return await ask(host, connection, ending.signal);
    } finally {
      // A connection that hangs must not keep an answer back.
      void connection.close().catch(() => undefined);
    }
  })();
  // Of a host that is given up, the answer is nobody's.
  answer.catch(() => undefined);
  try {
    return { host, state: 'answered', value: await Promise.race([answer, late]) };
  } catch (error) {
    if (!(error instanceof NodedevError)) throw error;
    const isRefusal = now.isConnected && !LOST.has(error.code);
    return { host, state: isRefusal ? 'refused' : 'unknown', error };
  } finally {
    clearTimeout(timer);
    all?.removeEventListener('abort', onAbort);
  }
}

/** The codes of errors that say nothing of what the host has done. */
const LOST: ReadonlySet<NodedevError['code']> = new Set([
  'host-unreached',
  'connection-closed',
  'connection-lost',
  'protocol-error',
  'ssh-failed',
  'aborted',
]);
