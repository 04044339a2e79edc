import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID as randomUuid } from 'node:crypto';
import { type Issue, NodedevError } from '../errors.ts';
import { type Host, HostError } from '../host/host.ts';
import type { LibvirtHost } from '../host/libvirt/host.ts';
import type { SimulatedHost } from '../host/simulated/host.ts';
import type { Context } from './context.ts';
import { definitionFiles, memoryDefinitions } from './definitions/definitions.ts';
import { memoryJournal } from './journal/journal.ts';
import { journalFiles } from './journal/journal-files.ts';
import { MemoryPart, type Part } from './store/kv.ts';
import type { OwnDriver } from '../drivers/driver.ts';
import type { ModuleDrivers } from '../drivers/registry.ts';
import { DRIVERS } from '../host/simulated/paths.ts';
import { createManager } from './manager.ts';
import type { ProfileDrivers } from './manager/module-drivers.ts';
import { OwnDrivers, withDrivers } from './manager/own-drivers.ts';
import { recover } from './journal/recover.ts';
import { activeKeys } from './store/active-records.ts';
import { persistentKeys } from './store/persistent-records.ts';
import { RecordFile } from './store/record-file.ts';
import { activeShape, persistentShape } from './store/record-shapes.ts';
import type { ActiveEntry, PersistentEntry } from './store/records.ts';
import { bootTime } from '../host/boot-clock.ts';
import { ACTIVE_FILE, Store, type TakeLock } from './store/store.ts';
import { unanswered } from './wording/mount-messages.ts';
import { repairFailed } from './wording/recovery-messages.ts';
import type { EngineManager } from './node-device-manager.ts';
import type { ConnectionTarget } from './uri.ts';
import { parseUri } from './uri.ts';

export interface ConnectOptions {
  /** Returns the uuid of a new device; random uuids (version 4) by default. */
  readonly newUuid?: (() => string) | undefined;
  /** Milliseconds on a clock that nobody sets; by default since this machine was started. */
  readonly now?: (() => number) | undefined;
  /** Receives warnings that stop nothing: output of a callout script, the results of recovery, ignored elements of XML. */
  readonly report?: ((issue: Issue) => void) | undefined;
  /** Seconds a change waits at most for other processes that change the same host; default 30. */
  readonly lockTimeout?: number | undefined;
  /**
   * Changes nothing: every call is checked and returns as if it had been done, also for the calls after it. What only doing it
   * would show, such as a refusal of the kernel that the drivers' rules do not know, is not seen, and no script of mdevctl is run.
   */
  readonly dryRun?: boolean | undefined;
  /**
   * What a script of mdevctl says against a change is a warning, and the change is made: mdevctl's `--force`. Over a server that
   * serves one host only, or nothing but reading, scripts are obeyed.
   */
  readonly overruleScripts?: boolean | undefined;
  /** Drivers of one's own, for simulated hosts whose profile names them. They are known until the connection is closed. */
  readonly drivers?: readonly OwnDriver[] | undefined;
  /**
   * Which drivers are run that the profile of a simulated host brought as files: `trusted` (the default), those that only the
   * caller or root can have written; `all`; `none`, and then every change is refused.
   */
  readonly profileDrivers?: ProfileDrivers | undefined;
  /** Called after each change of devices, definitions, groups and owners; not when all was so before. */
  readonly onChange?: (() => void) | undefined;
  /** Refuses every change with `read-only`, also recovery from a process that died. */
  readonly readOnly?: boolean | undefined;
  /** For `ssh://…`: the program that is started as ssh's client, with ssh's arguments; by default `ssh` in the PATH. */
  readonly ssh?: string | undefined;
  /**
   * Gives the connection up: nothing is connected to (`aborted`), and of `ssh://…` the process is killed, at any time. What it
   * has begun there is done or undone, which nobody here is told.
   */
  readonly signal?: AbortSignal | undefined;
}

const LOCK_TIMEOUT_SECONDS = 30;

/** The host of this machine. */
export const DEFAULT_URI = 'sysfs:///';

/** The engine of a connection; `connect` says what the URIs are. */
export async function openManager(
  uri: string = DEFAULT_URI,
  options: ConnectOptions = {},
): Promise<EngineManager> {
  return withDrivers(options.drivers ?? [], async (drivers) => {
    const opened = await openContext(uri, options, drivers);
    if (options.dryRun === true) return openRehearsal(uri, opened, options, drivers);
    const { context, simulated } = opened;
    await recoverIfAllowed(context, simulated);
    if (simulated !== undefined) tellUnanswered(context, simulated);
    const manager = createManager(uri, context, simulated, drivers);
    if (opened.libvirt === undefined) return manager;
    const { overLibvirt } = await import('./over-libvirt.ts');
    return overLibvirt(manager, opened.libvirt, context);
  });
}

/** A connection that changes nothing. What is done to the hardware of a simulated host is done to a copy. */
async function openRehearsal(
  uri: string,
  { context: real, simulated }: Awaited<ReturnType<typeof openContext>>,
  options: ConnectOptions,
  drivers: Parameters<typeof createManager>[3],
): Promise<EngineManager> {
  const { rehearsal } = await import('./rehearsal/rehearsal.ts');
  const context = rehearsal(real, openParts(real.host.root));
  await recoverIfAllowed(context, undefined);
  const manager = createManager(uri, context, simulated, drivers);
  const root = simulated?.root;
  if (root === undefined) return manager;
  const { onCopy } = await import('./rehearsal/simulated-copy.ts');
  return onCopy(manager, root, (at) =>
    openManager(`sim://${at}`, { ...options, drivers: [], dryRun: false }),
  );
}

/** The context of a connection; as {@link openManager}, but without recovery. */
export async function openContext(
  uri: string,
  options: ConnectOptions = {},
  drivers = new OwnDrivers(),
): Promise<Omit<OpenedHost, 'host'> & { readonly context: Context }> {
  const target = parseUri(uri);
  const open = openHost(target, drivers, options.profileDrivers);
  const { host, simulated, libvirt } = await open.catch((error: unknown) => {
    throw hostNotFound(uri, error);
  });
  const isReadOnly = simulated?.lacksDrivers() === true;
  return {
    context: contextOf(host, isReadOnly ? { ...options, readOnly: true } : options),
    simulated,
    libvirt,
  };
}

/** A host with its store, journal and definitions: below its root, or in memory for a host in memory. */
export function contextOf(
  host: Host,
  {
    newUuid = randomUuid,
    now = bootTime,
    report = () => undefined,
    lockTimeout = LOCK_TIMEOUT_SECONDS,
    readOnly,
    onChange,
    overruleScripts,
  }: ConnectOptions = {},
): Context {
  const { root } = host;
  const lock = root === undefined ? undefined : lockOf(root, lockTimeout);
  const store = new Store({
    ...openParts(root),
    bootId: () => host.bootId(),
    root,
    lock,
    readOnly,
  });
  const definitions = root === undefined ? memoryDefinitions() : definitionFiles(root);
  const journal = root === undefined ? memoryJournal() : journalFiles(root, JOURNAL);
  return { host, store, definitions, journal, newUuid, now, report, onChange, overruleScripts };
}

/** Loaded by the first change. */
function lockOf(root: string, seconds: number): TakeLock {
  return async (ends) => {
    const { lockRoot } = await import('./lock/root-lock.ts');
    return lockRoot(root, seconds, ends);
  };
}

const JOURNAL = 'var/lib/virt-nodedev/journal';

/** Recovery at `connect` waits at most so many milliseconds for a process that is changing something. */
const LOOK_MS = 200;

/**
 * Recovers from a process that died. It does not wait long for running processes, and errors are ignored for users who may
 * only read: before a change, recovery runs again, and then its errors count.
 */
async function recoverIfAllowed(
  context: Context,
  simulated: SimulatedHost | undefined,
): Promise<void> {
  const looking = { ...context, signal: AbortSignal.timeout(LOOK_MS) };
  try {
    if (simulated?.isChanging() === true) await repairSimulated(looking, simulated);
    if (context.journal.entries().length === 0) return;
    await recover(looking);
  } catch (error) {
    if (!(error instanceof NodedevError)) throw error;
    if (['permission-denied', 'aborted', 'read-only'].includes(error.code)) return;
    const { code, message, hint } = error;
    context.report({ code, message, hint, severity: 'warning' });
  }
}

/** Of so many devices it is told when another program has written to them; doctor looks at all. */
const LOOKED_AT = 256;

function tellUnanswered({ report }: Context, simulated: SimulatedHost): void {
  try {
    for (const path of simulated.unanswered(LOOKED_AT)) report(unanswered(simulated.root, path));
  } catch (error) {
    if (!(error instanceof HostError)) throw error; // what cannot be read is told where it is asked for
  }
}

/** Puts right what an interrupted change left of a simulated host. Who may not is told that it is so. */
async function repairSimulated(context: Context, simulated: SimulatedHost): Promise<void> {
  try {
    await context.store.write(() => {
      simulated.repair();
    }, context.signal);
  } catch (error) {
    const isDenied =
      error instanceof NodedevError && ['permission-denied', 'read-only'].includes(error.code);
    if (!isDenied && !(error instanceof HostError)) throw error;
    await sleep(LOOK_MS);
    if (!simulated.isChanging()) return; // another process was at work
    context.report(repairFailed(error));
  }
}

/** The two parts of the store: active state ends with the boot and is below run/, the part of definitions below var/lib/. */
export function openParts(root: string | undefined): {
  readonly active: Part<ActiveEntry>;
  readonly persistent: Part<PersistentEntry>;
} {
  if (root === undefined) return { active: new MemoryPart(), persistent: new MemoryPart() };
  return {
    active: new RecordFile({
      root,
      path: join(...ACTIVE_FILE.folder, ACTIVE_FILE.name),
      shape: activeShape,
      keysOf: activeKeys,
    }),
    persistent: new RecordFile({
      root,
      path: 'var/lib/virt-nodedev/persistent.json',
      shape: persistentShape,
      keysOf: persistentKeys,
    }),
  };
}

/** A root that cannot be read is an error in the URI, unless this user may not read it. */
function hostNotFound(uri: string, error: unknown): unknown {
  if (!(error instanceof HostError)) return error;
  if (['EACCES', 'EPERM'].includes(error.errno)) {
    const message = `this user may not read the host at ${uri}: ${error.errno} ${error.path}`;
    const hint = 'who may read it is what the rights of its files say';
    return new NodedevError('permission-denied', message, { hint, cause: error });
  }
  return new NodedevError('host-not-found', `no host at ${uri}: ${error.errno} ${error.path}`, {
    hint: 'name an existing directory: sysfs:///DIR, sim:///DIR',
    cause: error,
  });
}

/** Most hosts have none, and nothing is loaded for them. */
async function modulesOf(
  root: string,
  drivers: OwnDrivers,
  which: ProfileDrivers,
): Promise<ModuleDrivers | undefined> {
  const folder = lstatSync(join(root, DRIVERS), { throwIfNoEntry: false });
  if (folder === undefined) return undefined;
  const { loadHostModules } = await import('./manager/module-drivers.ts');
  return loadHostModules(root, drivers, which);
}

interface OpenedHost {
  readonly host: Host;
  readonly simulated: SimulatedHost | undefined;
  readonly libvirt?: LibvirtHost | undefined;
}

async function openHost(
  target: ConnectionTarget,
  drivers: OwnDrivers,
  which: ProfileDrivers = 'trusted',
): Promise<OpenedHost> {
  switch (target.kind) {
    case 'sysfs': {
      const { SysfsHost } = await import('../host/sysfs/host.ts');
      const host = new SysfsHost(target.root);
      await host.prepare();
      return { host, simulated: undefined };
    }
    case 'sim': {
      const { openSimulatedHost } = await import('../host/simulated/open.ts');
      const modules = await modulesOf(target.root, drivers, which);
      const host = openSimulatedHost(target.root, { modules });
      await host.prepare();
      return { host, simulated: host };
    }
    case 'libvirt': {
      const { LibvirtHost } = await import('../host/libvirt/host.ts');
      const host = new LibvirtHost(target.uri);
      return { host, simulated: undefined, libvirt: host };
    }
    case 'test': {
      const { createMemoryHost } = await import('../host/simulated/memory.ts');
      const { readSampleProfile } = await import('../host/simulated/samples.ts');
      const host = createMemoryHost(readSampleProfile(target.profile));
      return { host, simulated: host };
    }
  }
}
