import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { openSimulatedHost } from '../../../src/host/simulated/open.ts';

/** mdevctl's own test files; run.sh says where. */
export const sources = process.env['VIRT_NODEDEV_MDEVCTL'] ?? '';
export const testdata = join(sources, 'testdata');

/** What a test of mdevctl puts into its tree before the command, in that order. */
export type Step =
  | {
      readonly do: 'offer';
      readonly parent: string;
      readonly type: string;
      readonly instances: number;
      /** The files of the type beside `available_instances`. */
      readonly files: Readonly<Record<string, string | number>>;
    }
  | {
      readonly do: 'active';
      readonly uuid: string;
      readonly parent: string;
      readonly type: string;
      readonly without: Missing | undefined;
    }
  | {
      readonly do: 'define';
      readonly uuid: string;
      readonly parent: string;
      readonly text: () => string;
    }
  | { readonly do: 'script'; readonly file: string; readonly as: string; readonly old: boolean };

/** What a broken device has not: a link, or what the link leads to. */
export type Missing = 'type link' | 'type' | 'device link' | 'device';

export const offer = (
  parent: string,
  type: string,
  {
    instances = 1,
    ...files
  }: { readonly instances?: number; readonly [file: string]: string | number } = {},
): Step => ({
  do: 'offer',
  parent,
  type,
  instances,
  files: { device_api: '', name: '', ...files },
});
export const active = (uuid: string, parent: string, type: string, without?: Missing): Step => ({
  do: 'active',
  uuid,
  parent,
  type,
  without,
});
/** @param file in {@link testdata} */
export const defined = (uuid: string, parent: string, file: string): Step => ({
  do: 'define',
  uuid,
  parent,
  text: () => readFileSync(join(testdata, file), 'utf8'),
});
export const definedOf = (uuid: string, parent: string, type: string): Step => ({
  do: 'define',
  uuid,
  parent,
  text: () => JSON.stringify({ mdev_type: type, start: 'manual' }),
});
export const script = (file: string, as = file, old = false): Step => ({
  do: 'script',
  file,
  as,
  old,
});

/** Where the parents are. */
export const BUS = 'sys/devices/virtual/upstream';
const typeFolder = (root: string, { parent, type }: Offered): string =>
  join(root, BUS, parent, 'mdev_supported_types', type);

interface Offered {
  readonly parent: string;
  readonly type: string;
}

/** A simulated host as these steps make it. Devices are made as by another program. */
export function makeHost(root: string, steps: readonly Step[]): void {
  makeSimulatedHost(
    root,
    profile(steps.filter((step) => step.do === 'offer' || step.do === 'active')),
  );
  mkdirSync(join(root, 'etc/mdevctl.d'), { recursive: true });
  for (const step of steps) take(root, step);
}

function take(root: string, step: Step): void {
  switch (step.do) {
    case 'offer': {
      const folder = restored(root, step);
      for (const [name, text] of Object.entries(step.files))
        writeFileSync(join(folder, name), String(text));
      return;
    }
    case 'active': {
      restored(root, step);
      const host = openSimulatedHost(root);
      const parent = host.parent(step.parent);
      if (parent === undefined) throw new Error(`no parent ${step.parent}`);
      host.create(parent, step.type, step.uuid);
      if (step.type.startsWith('vfio_ap')) plantMatrix(join(root, BUS, step.parent, step.uuid));
      if (step.without !== undefined) remove(root, step, step.without);
      return;
    }
    case 'define': {
      const target = join(root, 'etc/mdevctl.d', step.parent, step.uuid);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, step.text());
      return;
    }
    case 'script': {
      const place = step.old
        ? 'etc/mdevctl.d/scripts.d/callouts'
        : 'usr/lib/mdevctl/scripts.d/callouts';
      const target = join(root, place, step.as);
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(join(testdata, 'callouts', step.file), target);
      chmodSync(target, 0o755);
    }
  }
}

/** What the kernel has in such a device, and that tree has not. */
function plantMatrix(device: string): void {
  for (const name of ['matrix', 'control_domains']) writeFileSync(join(device, name), '');
}

const away = (root: string, { parent, type }: Offered): string => join(root, 'away', parent, type);

/** The folder of a type, which an earlier step may have taken away. */
function restored(root: string, offered: Offered): string {
  const folder = typeFolder(root, offered);
  if (!existsSync(folder)) renameSync(away(root, offered), folder);
  return folder;
}

function remove(root: string, step: Step & { readonly do: 'active' }, what: Missing): void {
  const device = join(root, BUS, step.parent, step.uuid);
  if (what === 'type link') rmSync(join(device, 'mdev_type'));
  else if (what === 'device link') rmSync(join(root, 'sys/bus/mdev/devices', step.uuid));
  else if (what === 'device') rmSync(device, { recursive: true });
  else {
    const target = away(root, step);
    mkdirSync(dirname(target), { recursive: true });
    renameSync(typeFolder(root, step), target);
  }
}

/** Parents of no known vendor that count each type for itself. */
function profile(offers: readonly (Offered & { readonly instances?: number })[]): string {
  const parents = [...new Set(offers.map(({ parent }) => parent))];
  const cards = parents.map((parent, index) => {
    const types = new Map(
      offers.filter((one) => one.parent === parent).map((one) => [one.type, one.instances ?? 9]),
    );
    const lines = [...types].map(
      ([type, instances]) =>
        `<type id='${type}'><deviceAPI>vfio-pci</deviceAPI><availableInstances>${instances}</availableInstances></type>`,
    );
    return `<types name='t${index}'>${lines.join('')}</types>
<card driver='generic' types='t${index}'><setting name='counter' value='type'/><device>
<name>upstream_${parent.replaceAll(/\W/gu, '_')}</name><path>/${BUS}/${parent}</path><parent>computer</parent><capability type='mdev_types'/>
</device></card>`;
  });
  return `<host><name>upstream</name>${cards.join('\n')}</host>`;
}
