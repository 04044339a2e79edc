import { contextOf } from '../src/engine/open.ts';
import { createManager } from '../src/engine/manager.ts';
import { validateDocuments } from '../src/engine/validate/documents.ts';
import { connect } from '../src/index.ts';
import { parseNodeDevices } from '../src/nodedev/parse.ts';
import { byTurns, exponent, inFolder, type Job } from './measure.ts';
import {
  applyAndUndo,
  createAndDestroy,
  creations,
  largeHost,
  PER_GPU,
  targets,
} from './memory-host.ts';
import { plantDevices, plantedUuid } from './planted-tree.ts';
import type { Row } from './table.ts';

const ROUNDS = 5;
const SIZES = [1000, 10_000, 100_000];
/** One document holds no more than half a million elements and attributes. */
const DOCUMENT_SIZES = [1000, 10_000, 50_000];
/** Each in a file of its own. */
const DOMAIN_COUNTS = [500, 2000, 8000];
/** Of one change; more take seconds each. */
const CHANGE_SIZES = [100, 1000, 10_000];

/** How time grows with the number of devices, as an exponent: 1 is linear, 0 constant. */
export async function growth(): Promise<readonly Row[]> {
  return [
    ...(await inFolder(reading)),
    await row('parse, one document', DOCUMENT_SIZES, 1.1, (count) => {
      const text = `<devices>${Array.from({ length: count }, (_, index) => documentOf(index)).join('')}</devices>`;
      return () => parseNodeDevices(text);
    }),
    await row('validate, domains against each other', DOMAIN_COUNTS, 1.1, (count) => {
      const domains = Array.from({ length: count }, (_, index) => domainOf(index));
      return () => validateDocuments(domains);
    }),
    await row('create and destroy, in-memory host', SIZES, 1.1, (count) => {
      const host = largeHost(count);
      const everywhere = targets(host, PER_GPU);
      return () => createAndDestroy(host, everywhere);
    }),
    await row('create and destroy through the engine', CHANGE_SIZES, 1.1, (count) => {
      const host = largeHost(count);
      const manager = createManager('test:///default', contextOf(host), host);
      const operations = creations(host, count);
      return () => applyAndUndo(manager, operations);
    }),
  ];
}

async function reading(folder: string): Promise<readonly Row[]> {
  const managers = await Promise.all(
    SIZES.map(async (count) => {
      plantDevices(`${folder}/${count}`, count);
      return [count, await connect(`sysfs://${folder}/${count}`)] as const;
    }),
  );
  const of = new Map(managers);
  const rows = [
    await row('list', SIZES, 1.1, (count) => () => of.get(count)?.list()),
    await row('lookup of one uuid', SIZES, 0.1, (count) => async () => {
      for (let time = 0; time < 100; time++) await of.get(count)?.lookup(plantedUuid(count / 2));
    }),
  ];
  const large = managers.at(-1)?.[1];
  const time = await byTurns(ROUNDS, [
    ['list', () => large?.list()],
    ['topology', () => large?.topology()],
    ['plan of one device', () => large?.plan(documentOf(SIZES.length))],
  ]);
  for (const [, manager] of managers) await manager.close();
  return [
    ...rows,
    ...['topology', 'plan of one device'].map((what) => ({
      what: `${what}, ${SIZES.at(-1)?.toLocaleString('en-US') ?? ''} devices`,
      figure: time(what),
      unit: 'ms',
      ratio: time(what) / time('list'),
      to: 'list',
      aim: { of: 'ratio', most: 5 } as const,
    })),
  ];
}

async function row(
  what: string,
  sizes: readonly number[],
  most: number,
  job: (count: number) => Job[1],
): Promise<Row> {
  const time = await byTurns(
    ROUNDS,
    sizes.map((count): Job => [String(count), job(count)]),
  );
  const points = sizes.map((count) => [count, time(String(count))] as const);
  const [from, to] = [sizes[0], sizes.at(-1)].map((count) => count?.toLocaleString('en-US'));
  return {
    what: `growth of ${what}, ${from} to ${to}`,
    figure: exponent(points),
    unit: 'exponent',
    aim: { of: 'figure', most },
  };
}

const domainOf = (index: number): string =>
  `<domain type='kvm'><name>vm${index}</name><devices><hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${plantedUuid(index)}'/></source></hostdev></devices></domain>`;

const documentOf = (index: number): string =>
  `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-11'/><uuid>${plantedUuid(index)}</uuid></capability></device>`;
