import { type Issue, NodedevError } from '../errors.ts';
import type { LibvirtHost } from '../host/libvirt/host.ts';
import type { LibvirtDefinition } from '../host/libvirt/snapshot.ts';
import { type DefinitionStore, formatDefinition } from './definitions/definitions.ts';
import type { Context } from './context.ts';
import type { EngineManager } from './node-device-manager.ts';

/** What a connection over libvirt can be asked. */
const NAMES = [
  'cards',
  'dumpxml',
  'events',
  'group',
  'groups',
  'info',
  'list',
  'lookup',
  'nodes',
  'offCards',
  'types',
  'validate',
] as const satisfies readonly (keyof EngineManager)[];

const READS: ReadonlySet<string> = new Set(NAMES);

/** A manager whose answers are what libvirt says now. Everything but reading is refused: `libvirt-only-reads`. */
export async function overLibvirt(
  manager: EngineManager,
  host: LibvirtHost,
  { definitions, report }: Pick<Context, 'definitions' | 'report'>,
): Promise<EngineManager> {
  host.follow((defined) => takeDefinitions(definitions, defined));
  await host.refresh();
  const untold = host.untold();
  if (untold.length > 0) report(functionsUntold(untold));
  return new Proxy(manager, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function' || typeof name === 'symbol' || name === 'close') {
        return method;
      }
      return async (...given: unknown[]): Promise<unknown> => {
        if (!READS.has(name)) throw onlyReads();
        await host.refresh();
        const result: unknown = await Reflect.apply(method, target, given);
        return result;
      };
    },
  });
}

/** Makes definitions those that libvirt shows; changes are told to who follows them. */
function takeDefinitions(
  definitions: DefinitionStore,
  defined: readonly LibvirtDefinition[],
): void {
  const shown = new Map(
    defined.flatMap(({ device, autostart }) => {
      const [mdev] = device.capabilities;
      if (mdev?.kind !== 'mdev') return [];
      const { uuid, parentAddress: parent, attributes } = mdev;
      const type = mdev.types[0]?.id;
      if (uuid === undefined || parent === undefined || type === undefined) return [];
      const text = formatDefinition({ type, autostart, attributes, extra: {} });
      return [[`${parent}/${uuid}`, { ref: { parent, uuid }, text }] as const];
    }),
  );
  for (const stored of definitions.list().items) {
    const { parent, uuid, snapshot } = stored;
    const now = shown.get(`${parent}/${uuid}`);
    if (now === undefined) definitions.undefine({ parent, uuid });
    else if (now.text !== snapshot.text) definitions.update(stored, now.text);
    shown.delete(`${parent}/${uuid}`);
  }
  for (const { ref, text } of shown.values()) definitions.restore(ref, text);
}

const onlyReads = (): NodedevError =>
  new NodedevError('libvirt-only-reads', 'over libvirt a host is only read, and not all of it', {
    hint: 'libvirt tells neither who has a device open nor our groups and owners, by which changes are checked, and sets no type of a function: run it on that host',
  });

/** What is not known of a host because libvirt does not say it. */
const functionsUntold = ([first = '', ...more]: readonly string[]): Issue => ({
  code: 'libvirt-untold',
  severity: 'notice',
  message: `libvirt does not tell the types of ${more.length + 1} functions of GPUs (${first}${more.length > 0 ? ' and more' : ''}): they are not known, not free`,
  hint: 'run virt-nodedev on that host: its own files say them',
});
