import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { connect, type Connection } from '../../src/index.ts';
import { onFleet } from '../../src/fleet/carry-out.ts';
import { reserveAll } from '../../src/reservations/reserve-all.ts';
import { run } from '../cli/run.ts';
import { uuidOf } from '../plan/hosts.ts';
import { wishXml } from '../plan/planned-host.ts';
import { fleet } from '../reservations/fleet.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** `HOST TYPE`, sorted, or the domains' hosts. */
type Places = readonly string[];

const HOSTS = {
  gpu1: 'nvidia-m60',
  gpu2: 'nvidia-m60',
  gpu3: 'nvidia-a40',
  gpu4: 'nvidia-m60',
};

const types = ['nvidia-18', 'nvidia-22', 'nvidia-11', 'nvidia-558'] as const;
const vm = fc.record({ type: fc.constantFrom(...types), count: fc.integer({ min: 1, max: 3 }) });
const policy = fc.constantFrom('pack' as const, 'spread' as const);

it('placing, planning and reserving choose the same hosts', async () => {
  const { client, serve } = await fleet({ ttl: 3600 });
  const folder = temporaryFolder();
  const connections = new Map<string, Connection>();
  for (const [name, profile] of Object.entries(HOSTS)) {
    const connection = await connect(`test:///${profile}`);
    connections.set(name, { ...connection, close: () => Promise.resolve() });
  }
  // Hosts differ in what they have.
  await connections
    .get('gpu2')
    ?.create(wishXml({ uuid: uuidOf(900), parent: 'pci_0000_86_00_0', type: 'nvidia-18' }));
  for (const [name, connection] of connections) await serve(name, connection);
  const hosts = [...connections.keys()].map((name) => ({ name, uri: `fake:${name}`, labels: [] }));
  const open = (name: string): Promise<Connection> => {
    const found = connections.get(name);
    return found === undefined ? Promise.reject(new Error(name)) : Promise.resolve(found);
  };
  writeFileSync(
    join(folder, 'fleet.xml'),
    `<fleet>${hosts.map(({ name, uri }) => `<host name='${name}' uri='${uri}'/>`).join('')}</fleet>`,
  );

  await fc.assert(
    fc.asyncProperty(
      fc.array(vm, { minLength: 1, maxLength: 6 }),
      policy,
      fc.boolean(),
      async (asked, by, isSingle) => {
        const vms = isSingle ? asked.map((each) => ({ ...each, count: 1 })) : asked;
        const planned = await plan(vms, by);
        // What has no room is refused by all of them; which others then have room is not compared.
        fc.pre(planned !== undefined);
        const made = await reserveAll(
          client,
          vms.map((device, n) => ({ domain: { name: `vm${n}` }, devices: [device] })),
          { policy: by, dryRun: true },
        );
        expect(made.map(({ domain, host }) => `${domain.name} ${host}`)).toEqual(planned.byVm);
        const placed = isSingle ? await place(vms, by) : planned.byType;
        expect(placed).toEqual(planned.byType);
      },
    ),
    { numRuns: 12 },
  );

  async function plan(
    vms: readonly { type: string; count: number }[],
    by: 'pack' | 'spread',
  ): Promise<{ byVm: Places; byType: Places } | undefined> {
    const documents = vms.flatMap(({ type, count }, n) =>
      Array.from({ length: count }, (_, index) =>
        wishXml({ uuid: uuidOf(1 + n * 10 + index), type, group: `vm${n}` }),
      ),
    );
    const connectTo = ({ name }: { name: string }): Promise<Connection> => open(name);
    const result = await onFleet(
      hosts,
      documents,
      { connect: connectTo, deadline: 600 },
      { policy: by, dryRun: true },
    );
    if (result.refused.length > 0) return undefined;
    const devices = result.hosts.flatMap((each) => {
      if (each.state !== 'answered') throw each.error;
      expect(each.value.plan.refusals).toEqual([]);
      return each.value.plan.actions.flatMap((action) =>
        action.action === 'create' ? [{ ...action.device, host: each.host.name }] : [],
      );
    });
    const byVm = new Set(
      devices.map(({ uuid, host }) => `vm${Math.floor(Number(uuid.slice(-4)) / 10)} ${host}`),
    );
    const byType = devices.map(({ host, type }) => `${host} ${type}`);
    return { byVm: [...byVm].toSorted(), byType: byType.toSorted() };
  }

  async function place(vms: readonly { type: string }[], by: string): Promise<Places> {
    const words = vms.map(({ type }) => type);
    const { stdout } = await run(
      ['place', ...words, '--policy', by, '--fleet', 'fleet.xml', '--json'],
      { cwd: folder, connect: (uri = '') => open(uri.slice('fake:'.length)) },
    );
    const answer: { hosts: { name: string; answer: { devices: { type: string }[] } }[] } =
      JSON.parse(stdout);
    return answer.hosts
      .flatMap(({ name, answer: { devices } }) => devices.map(({ type }) => `${name} ${type}`))
      .toSorted();
  }
}, 300_000);
