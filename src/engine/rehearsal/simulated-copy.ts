import { cpSync, lstatSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { simulationMethods } from '../manager/simulation.ts';
import type { EngineManager } from '../node-device-manager.ts';
import { notRehearsed } from '../wording/messages.ts';

/**
 * The same manager, with what changes the hardware and the domains of a simulated host done to a copy of it, which goes at `close`.
 * What would run a program or serve something is refused: that is no rehearsal.
 */
export function onCopy(
  manager: EngineManager,
  root: string,
  open: (copy: string) => Promise<EngineManager>,
): EngineManager {
  let opened: Promise<EngineManager> | undefined;
  let remove = (): void => undefined;
  const there = (): Promise<EngineManager> => {
    opened ??= (async () => {
      const made = copyHost(root);
      ({ remove } = made);
      return open(made.copy);
    })();
    return opened;
  };
  const close = async (): Promise<void> => {
    try {
      await (await opened)?.close();
    } finally {
      remove();
      await manager.close();
    }
  };
  // All of them: one that is missing here would change the host itself.
  const simulation: ReturnType<typeof simulationMethods> = {
    startDomain: async (...given) => (await there()).startDomain(...given),
    stopDomain: async (...given) => (await there()).stopDomain(...given),
    resetHost: async (...given) => (await there()).resetHost(...given),
    failCall: async (...given) => (await there()).failCall(...given),
    delayCall: async (...given) => (await there()).delayCall(...given),
    plug: async (...given) => (await there()).plug(...given),
    unplug: async (...given) => (await there()).unplug(...given),
    registerParent: async (...given) => (await there()).registerParent(...given),
    unregisterParent: async (...given) => (await there()).unregisterParent(...given),
    registerDriver: async (...given) => (await there()).registerDriver(...given),
    unregisterDriver: async (...given) => (await there()).unregisterDriver(...given),
    mountHost: () => Promise.reject(notRehearsed()),
    runCommand: () => Promise.reject(notRehearsed()),
    attach: () => Promise.reject(notRehearsed()),
    runDomain: () => Promise.reject(notRehearsed()),
  };
  return {
    ...manager,
    ...simulation,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Copies a simulated host, so that what is done to its hardware can be tried on the copy.
 *
 * @returns its directory, and what removes it
 */
function copyHost(root: string): { readonly copy: string; readonly remove: () => void } {
  const copy = mkdtempSync(join(tmpdir(), 'virt-nodedev-rehearsal-'));
  const remove = (): void => rmSync(copy, { recursive: true, force: true });
  try {
    cpSync(root, copy, {
      recursive: true,
      verbatimSymlinks: true,
      // Sockets are those of the lock.
      filter: (path) => !lstatSync(path).isSocket(),
    });
  } catch (error) {
    remove();
    throw error;
  }
  return { copy, remove };
}
