import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { drivers as known } from '../../src/drivers/registry.ts';
import {
  type Connection,
  connect,
  initSimulatedHost,
  NodedevError,
  type OwnDriver,
} from '../../src/index.ts';
import { LAMPS_HOST, lampsDriver, recorded } from '../support/lamps.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CARD = 'pci_0000_05_00_0';
type Answer = NonNullable<OwnDriver['open']>;
const uuid = (number: number): string => `00000000-1111-4222-8333-0000000000${10 + number}`;
const device = (type = 'lamps-1', number = 0): string =>
  `<device><parent>${CARD}</parent><capability type='mdev'><type id='${type}'/><uuid>${uuid(number)}</uuid></capability></device>`;
const vm = (name: string, ...numbers: readonly number[]): string =>
  `<domain><name>${name}</name><devices>${numbers
    .map(
      (number) =>
        `<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${uuid(number)}'/></source></hostdev>`,
    )
    .join('')}</devices></domain>`;

async function hostWith(
  driver: OwnDriver,
  folder = temporaryFolder({ inMemory: true }),
): Promise<{ readonly host: Connection; readonly folder: string }> {
  const host = await initSimulatedHost(join(folder, 'host'), LAMPS_HOST, { drivers: [driver] });
  onTestFinished(() => host.close());
  return { host, folder: join(folder, 'host') };
}
const typesOf = async (host: Connection): Promise<readonly string[]> =>
  (await host.types()).items.map(({ id, availableInstances }) => `${id} ${availableInstances}`);
const mdevs = async (host: Connection): Promise<number> =>
  (await host.list({ capabilities: ['mdev'] })).items.length;

describe('what a driver has', () => {
  const WRONG: readonly (readonly [name: string, change: Record<string, unknown>, says: string])[] =
    [
      ['no probe', { probe: undefined }, "it has no 'probe' (EINVAL)"],
      ['no remove', { remove: undefined }, "it has no 'remove' (EINVAL)"],
      ['no count', { available: undefined }, "it has no 'available' (EINVAL)"],
      ['no name', { name: undefined }, "it has no 'name' (EINVAL)"],
      ['an empty name', { name: '' }, "its 'name' is no text (EINVAL)"],
      ['a name with a path', { name: '../lamps' }, "its name is no module's"],
      ['a name with an escape', { name: 'a\u001b[2J' }, "its name is no module's"],
      [
        'an mdev driver with a path',
        { mdevDriver: 'a/b' },
        'its mdevDriver is no file name (EINVAL)',
      ],
      ['a bus that is none', { subsystem: '../x' }, 'its subsystem is neither'],
      ['a callback that is none', { open: 'open' }, "its 'open' is no function (EINVAL)"],
      ['params without a file', { paramsAttribute: undefined }, "but no 'paramsAttribute'"],
      ['a file outside', { paramsAttribute: '../x' }, "its 'paramsAttribute' can be no attribute"],
      [
        'rules of another framework',
        { functions: {} },
        "it has 'functions', which is for drivers of",
      ],
    ];

  it.each(WRONG)('%s: EINVAL, and nothing is left', async (_name, change, says) => {
    const driver = { ...lampsDriver, ...change };
    const before = known.length;
    const folder = join(temporaryFolder({ inMemory: true }), 'host');
    await expect(initSimulatedHost(folder, LAMPS_HOST, { drivers: [driver] })).rejects.toThrow(
      expect.objectContaining({ code: 'driver-invalid', message: expect.stringContaining(says) }),
    );
    expect([existsSync(folder), known.length]).toEqual([false, before]);
  });

  it('there is one of a name: EEXIST, also for those of this package', async () => {
    const { host } = await hostWith(lampsDriver);
    const exists = { code: 'host-refused', message: expect.stringContaining('EEXIST') };
    await expect(host.registerDriver(lampsDriver)).rejects.toMatchObject(exists);
    await expect(host.registerDriver('lamps')).rejects.toMatchObject(exists);
    await expect(host.registerDriver({ ...lampsDriver, name: 'mtty' })).rejects.toMatchObject(
      exists,
    );
    await expect(host.registerDriver({ ...lampsDriver })).rejects.toMatchObject(exists);
  });

  it('is known while a connection has it', async () => {
    const { host, folder } = await hostWith(lampsDriver);
    const other = await connect(`sim://${folder}`, { drivers: [lampsDriver] });
    await host.close();
    expect(await typesOf(other)).toEqual(['lamps-1 8', 'lamps-4 2']);
    await other.close();
    expect(known.map(({ name }) => name)).not.toContain('lamps');
    const without = connect(`sim://${folder}`).then((opened) => opened.create(device()));
    await expect(without).rejects.toMatchObject({
      code: 'profile-invalid',
      message: expect.stringContaining("driver 'lamps' are not known"),
    });
  });
});

describe('a device', () => {
  it('is asked for, made, opened, reset, closed and removed in the order of the kernel', async () => {
    const calls: string[] = [];
    const folder = temporaryFolder({ inMemory: true });
    const file = join(folder, 'host/sys/devices/pci0000:00/0000:05:00.0', uuid(0), 'lamps/colour');
    const look = (): string => (existsSync(file) ? 'with attributes' : 'without');
    const { host } = await hostWith(recorded(calls, {}, look), folder);
    await host.create(device());
    await host.startDomain(vm('a', 0));
    await host.stopDomain('a');
    await host.destroy(uuid(0));
    expect(calls).toEqual([
      'probe 10 without',
      'open 10 a with attributes',
      'reset 10 a with attributes',
      'close 10 a with attributes',
      'remove 10 without',
    ]);
  });

  const saying = (answer: () => unknown): Answer => {
    // @ts-expect-error: a program in JavaScript answers anything
    return answer;
  };
  const REFUSED: readonly (readonly [string, Answer, string])[] = [
    ['an errno', () => 'ENODEV', 'ENODEV'],
    [
      'an exception',
      () => {
        throw new Error('broken');
      },
      'EIO',
    ],
    ['no errno', () => 'no', 'EIO'],
    ['a promise', saying(() => Promise.reject(new Error('late'))), 'EIO'],
    ['a number', saying(() => 5), 'EIO'],
    ['null', saying(() => null), 'EIO'],
  ];
  it.each(REFUSED)('is refused with %s: nothing of it is left', async (_name, answer, errno) => {
    const told: string[] = [];
    const listen = (warning: Error): unknown => told.push(warning.message);
    process.on('warning', listen);
    onTestFinished(() => void process.off('warning', listen));
    const calls: string[] = [];
    const { host, folder } = await hostWith(recorded(calls, { probe: answer }));
    const refused = await host.create(device()).catch((error: unknown) => error);
    expect(refused).toMatchObject({ message: expect.stringContaining(errno) });
    expect(calls).toEqual(['probe 10']);
    expect([await mdevs(host), await typesOf(host)]).toEqual([0, ['lamps-1 8', 'lamps-4 2']]);
    expect(existsSync(join(folder, 'sys/bus/mdev/devices', uuid(0)))).toBe(false);
    await new Promise(setImmediate);
    expect(told.filter((each) => each.includes("'lamps'")).length).toBe(errno === 'EIO' ? 1 : 0);
  });

  it.each(['open', 'reset'])(
    'that refuses %s is not open, and neither are the others',
    async (call) => {
      const calls: string[] = [];
      const answer = (
        _card: unknown,
        { uuid: own }: { readonly uuid: string },
      ): string | undefined => (own === uuid(1) ? 'EAGAIN' : undefined);
      const { host } = await hostWith(recorded(calls, { [call]: answer }));
      await host.create([device('lamps-1', 0), device('lamps-1', 1)]);
      const started = host.startDomain(vm('a', 0, 1));
      await expect(started).rejects.toThrow('EAGAIN');
      const names = (word: string): readonly string[] =>
        calls.filter((each) => each.startsWith(word)).map((each) => each.slice(-4, -2));
      expect(names('close')).toEqual(call === 'open' ? ['10'] : ['11', '10']);
      await host.destroy([uuid(0), uuid(1)]);
    },
  );

  it('has params that its driver reads, with those of its type at first', async () => {
    const { host, folder } = await hostWith(lampsDriver);
    const withParams = (text: string): string =>
      device().replace('</uuid>', `</uuid><params>${text}</params>`);
    await expect(host.create(withParams('blue'))).rejects.toThrow('EINVAL');
    expect(await mdevs(host)).toBe(0);
    await host.create(device());
    const colour = (): string =>
      readFileSync(join(folder, 'sys/bus/mdev/devices', uuid(0), 'lamps/colour'), 'utf8');
    expect(colour()).toBe('white\n');
    await host.destroy(uuid(0));
    await host.create(withParams('red'));
    expect(colour()).toBe('red\n');
  });

  it('is closed and removed for its driver when its hardware is taken, and when the host restarts', async () => {
    for (const end of ['unplug', 'unregisterParent', 'resetHost', 'unregisterDriver'] as const) {
      const calls: string[] = [];
      const { host } = await hostWith(recorded(calls));
      await host.create(device());
      await host.startDomain(vm('a', 0));
      calls.length = 0;
      if (end === 'resetHost') await host.resetHost();
      else await host[end](end === 'unregisterDriver' ? 'lamps' : CARD, { force: true });
      expect([end, calls]).toEqual([end, ['close 10 a', 'remove 10']]);
      await host.close();
    }
  });
});

describe('a driver that is unregistered', () => {
  it('takes its parents, types, devices and its place on the bus; registered again, they are back', async () => {
    const { host, folder } = await hostWith(lampsDriver);
    await host.create(device());
    const bus = join(folder, 'sys/bus/mdev/drivers/lamps_vfio');
    expect(existsSync(bus)).toBe(true);
    expect(await host.unregisterDriver('lamps')).toEqual([CARD]);
    expect([existsSync(bus), await mdevs(host), await typesOf(host)]).toEqual([false, 0, []]);
    await expect(host.unregisterDriver('lamps')).rejects.toMatchObject({ code: 'host-refused' });
    await expect(host.registerParent(CARD)).rejects.toThrow('its driver is unregistered');
    expect(await host.registerDriver({ ...lampsDriver })).toEqual([CARD]);
    expect([existsSync(bus), await typesOf(host)]).toEqual([true, ['lamps-1 8', 'lamps-4 2']]);
  });

  it('binds nothing that is plugged in meanwhile', async () => {
    const { host } = await hostWith(lampsDriver);
    await host.unplug(CARD);
    await host.unregisterDriver('lamps');
    await host.plug(CARD);
    expect([await typesOf(host), await host.dumpxml(CARD)]).toEqual([
      [],
      expect.not.stringContaining('<driver>'),
    ]);
    expect(await host.registerDriver(lampsDriver)).toEqual([CARD]);
    expect(await host.dumpxml(CARD)).toContain('<driver>');
    expect(await typesOf(host)).toHaveLength(2);
  });

  it('with open devices: refuses and has done nothing, takes them, or waits for the last close', async () => {
    const { host } = await hostWith(lampsDriver);
    await host.create([device('lamps-1', 0), device('lamps-1', 1)]);
    await host.startDomain(vm('a', 0));
    await expect(host.unregisterDriver('lamps')).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringContaining('held by'),
    });
    expect([await mdevs(host), await typesOf(host)]).toEqual([2, ['lamps-1 6', 'lamps-4 1']]);
    await expect(host.unregisterDriver('lamps', { wait: 0 })).rejects.toMatchObject({
      code: 'in-use',
    });
    await expect(host.create(device('lamps-1', 2))).rejects.toThrow('ENODEV');
    expect(await mdevs(host)).toBe(1);
    await host.stopDomain('a');
    expect([await mdevs(host), await typesOf(host)]).toEqual([0, []]);
  });

  it('may be one of this package', async () => {
    const host = await connect('test:///kernel-samples');
    onTestFinished(() => host.close());
    const all = await typesOf(host);
    expect(await host.unregisterDriver('mtty')).toEqual(['mtty_mtty']);
    expect(await typesOf(host)).toEqual(all.filter((each) => !each.startsWith('mtty')));
    expect(await host.registerDriver('mtty')).toEqual(['mtty_mtty']);
    expect(await typesOf(host)).toEqual(all);
    await expect(host.registerDriver('nothing')).rejects.toMatchObject({ code: 'host-refused' });
  });
});

it('is called in an order that holds, whatever is done', async () => {
  const act = fc.record({
    what: fc.constantFrom('create', 'destroy', 'start', 'stop', 'take', 'come', 'reset'),
    number: fc.nat(2),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
      const calls: string[] = [];
      const driver = recorded(calls);
      const folder = temporaryFolder({ inMemory: true });
      const host = await initSimulatedHost(join(folder, 'host'), LAMPS_HOST, {
        drivers: [driver],
      });
      const does = {
        create: (number: number) => host.create(device('lamps-1', number)),
        destroy: (number: number) => host.destroy(uuid(number)),
        start: (number: number) => host.startDomain(vm(`vm${number}`, number)),
        stop: (number: number) => host.stopDomain(`vm${number}`),
        take: (number: number) => host.unregisterDriver('lamps', { force: number > 0 }),
        come: () => host.registerDriver(driver),
        reset: () => host.resetHost(),
      } as const;
      for (const { what, number } of acts) {
        await does[what](number).catch((error: unknown) => {
          if (!(error instanceof NodedevError)) throw error;
        });
      }
      await host.close();
      const state = new Map<string, string>();
      const after: Readonly<Record<string, readonly [from: string, to: string]>> = {
        probe: ['gone', 'free'],
        open: ['free', 'open'],
        reset: ['open', 'open'],
        close: ['open', 'free'],
        remove: ['free', 'gone'],
      };
      for (const call of calls) {
        const [word = '', which = ''] = call.split(' ');
        const [from, to] = after[word] ?? ['', ''];
        expect([calls, call, state.get(which) ?? 'gone']).toEqual([calls, call, from]);
        state.set(which, to);
      }
    }),
    { numRuns: 60 },
  );
});
