import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Connection, connect } from '../../src/index.ts';
import { NodedevError } from '../../src/errors.ts';
import type { HostDevice } from '../../src/host/host.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import type { SimulatedHost } from '../../src/host/simulated/host.ts';
import { writeFiles } from '../support/file-tree.ts';
import { profileWith } from '../support/profile-with.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

export const GPU = '0000:86:00.0';
export const GPU2 = '0000:87:00.0';

/** Uuids of devices, by their letter. */
export const ID = {
  a: '0695d332-7831-493f-9e71-00000000000a',
  b: '0695d332-7831-493f-9e71-00000000000b',
  c: '0695d332-7831-493f-9e71-00000000000c',
} as const;

export type Letter = keyof typeof ID;
export const LETTERS: readonly Letter[] = ['a', 'b', 'c'];

/** A device of a host, and how it came to be there. */
export interface DeviceFacts {
  readonly is: 'made' | 'foreign' | 'defined' | 'both' | 'foreign-defined';
  /** Default `nvidia-18`. */
  readonly type?: string | undefined;
  /** The type of its definition, when it has one of another type. */
  readonly definedType?: string | undefined;
  readonly parent?: string | undefined;
  readonly group?: string | undefined;
}

export interface WorldFacts {
  readonly devices: Partial<Record<Letter, DeviceFacts>>;
  /** The domain that each group was claimed for. A group without a name is called by its device's letter. */
  readonly claims?: Readonly<Record<string, string>> | undefined;
  /** Domains in libvirt's files, with what they name. */
  readonly configured?: Readonly<Record<string, readonly Letter[]>> | undefined;
  readonly running?: Readonly<Record<string, readonly Letter[]>> | undefined;
  /** Domains that have devices open. */
  readonly open?: Readonly<Record<string, readonly Letter[]>> | undefined;
  /** Foreign devices that were adopted. */
  readonly adopted?: readonly Letter[] | undefined;
  readonly hook?: boolean | undefined;
  readonly requiresGroup?: boolean | undefined;
  /** Devices whose driver link is gone. */
  readonly unbound?: readonly Letter[] | undefined;
}

export interface World {
  readonly folder: string;
  readonly host: SimulatedHost;
  readonly connection: Connection;
}

const HOOK = { 'etc/libvirt/hooks/qemu': '#!/bin/sh\nexec virt-nodedev libvirt-hook -- "$@"\n' };

/** A domain with these devices, and whole PCI functions. */
export function domainXml(
  name: string,
  letters: readonly Letter[],
  functions: readonly string[] = [],
): string {
  const mediated = letters.map(
    (letter) =>
      `<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${ID[letter]}'/></source></hostdev>`,
  );
  const whole = functions.map((address) => {
    const [domain, bus, slot, fn] = address.split(/[:.]/);
    return `<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x${domain}' bus='0x${bus}' slot='0x${slot}' function='0x${fn}'/></source></hostdev>`;
  });
  return `<domain type='kvm'><name>${name}</name><devices>${mediated.join('')}${whole.join('')}</devices></domain>`;
}

export function deviceXml(letter: Letter, facts: DeviceFacts, type = facts.type): string {
  const { group, parent = GPU } = facts;
  return `<device><parent>pci_${parent.replaceAll(/[:.]/g, '_')}</parent><capability type='mdev'><type id='${type ?? 'nvidia-18'}'/><uuid>${ID[letter]}</uuid>${group === undefined ? '' : `<group>${group}</group>`}</capability></device>`;
}

export async function worldOf(facts: WorldFacts): Promise<World> {
  const folder = `${temporaryFolder()}/host`;
  const asks = facts.requiresGroup === true ? 'yes' : 'no';
  const host = makeSimulatedHost(folder, profileWith('nvidia-m60', 'requires-group', asks));
  const connection = await connect(`sim://${folder}`);
  onTestFinished(() => connection.close());
  const groupOf = (name: string): string =>
    LETTERS.flatMap((each) => (each === name ? [ID[each]] : []))[0] ?? name;
  for (const letter of LETTERS) {
    const device = facts.devices[letter];
    if (device !== undefined) await makeDevice({ folder, host, connection }, letter, device);
  }
  for (const letter of facts.adopted ?? []) {
    await connection.claim(ID[letter], { name: 'nobody' }, { adopt: true });
    await connection.release(ID[letter]);
  }
  for (const [group, name] of Object.entries(facts.claims ?? {})) {
    await connection.claim(groupOf(group), { name });
  }
  for (const [name, letters] of Object.entries(facts.open ?? {})) {
    host.open(
      letters.map((letter) => activeOf(host, letter)),
      { domain: name },
    );
  }
  for (const letter of facts.unbound ?? []) {
    rmSync(join(folder, activeOf(host, letter).path, 'driver'));
  }
  writeFiles(folder, {
    ...(facts.hook === true ? HOOK : {}),
    ...Object.fromEntries(
      Object.entries(facts.configured ?? {}).map(([name, letters]) => [
        `etc/libvirt/qemu/${name}.xml`,
        domainXml(name, letters),
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(facts.running ?? {}).map(([name, letters]) => [
        `run/libvirt/qemu/${name}.xml`,
        `<domstatus state='running' pid='1'>${domainXml(name, letters)}</domstatus>`,
      ]),
    ),
  });
  return { folder, host, connection };
}

async function makeDevice(
  { folder, host, connection }: World,
  letter: Letter,
  facts: DeviceFacts,
): Promise<void> {
  const { is, type = 'nvidia-18', definedType = type, parent = GPU } = facts;
  const xml = deviceXml(letter, facts);
  if (is === 'defined' || is === 'both')
    await connection.define(deviceXml(letter, facts, definedType));
  if (is === 'foreign-defined') {
    writeFiles(folder, {
      [`etc/mdevctl.d/${parent}/${ID[letter]}`]: `{"mdev_type":"${definedType}","start":"manual"}`,
    });
  }
  if (is === 'made') await connection.create(xml);
  if (is === 'both' && definedType === type) await connection.start(ID[letter]);
  if (is === 'foreign' || (is === 'both' && definedType !== type)) {
    const found = host.parent(parent);
    if (found === undefined) throw new Error(`no parent ${parent}`);
    host.create(found, type, ID[letter]);
  }
}

function activeOf(host: SimulatedHost, letter: Letter): HostDevice {
  const device = host.find(ID[letter]);
  if (device === undefined) throw new Error(`${letter} is not active`);
  return device;
}

/** `ok`, or the code of the first reason why not. */
export async function answerOf(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
    return 'ok';
  } catch (error) {
    if (error instanceof NodedevError) return error.code;
    throw error;
  }
}

/**
 * What every command says about a domain that is to have these devices, one after the other on one host: what is refused
 * changes nothing, and what succeeds is taken back. `hooked`: what validate says where the hook is installed.
 */
export async function answersTo(
  facts: WorldFacts,
  name: string,
  letters: readonly Letter[],
  functions: readonly string[] = [],
): Promise<Readonly<Record<'validate' | 'start' | 'hook' | 'apply' | 'hooked', string>>> {
  const xml = domainXml(name, letters, functions);
  const { connection, folder } = await worldOf(facts);
  const validate = async (): Promise<string> => {
    const [report] = await connection.validate([xml]);
    return report?.issues.some(({ severity }) => severity === 'error') === true ? 'refused' : 'ok';
  };
  const asked = async (act: () => Promise<unknown>, undo?: () => Promise<unknown>) => {
    if ((await answerOf(act)) !== 'ok') return 'refused';
    await undo?.();
    return 'ok';
  };
  const validated = await validate();
  const apply = await asked(async () => connection.apply(await connection.plan([xml])));
  // A domain without a device holds none, so that it cannot be seen to run.
  const stop = letters.length === 0 ? undefined : () => connection.stopDomain(name);
  const start = await asked(() => connection.startDomain(xml), stop);
  const hook = await asked(
    () => connection.prepareDomain(xml),
    () => connection.releaseDomain(xml),
  );
  writeFiles(folder, HOOK);
  return { validate: validated, start, hook, apply, hooked: await validate() };
}
