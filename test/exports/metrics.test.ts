import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { exposition, metricsOf } from '../../src/exports/metrics.ts';
import { NodedevError } from '../../src/errors.ts';
import { connect } from '../../src/remote/connect.ts';
import type { Measured } from '../../src/exports/metrics.ts';

const textOf = (measured: Measured): Promise<string> => exposition(metricsOf(measured));

const NOTHING: Measured = {
  topology: { uri: 'sim:///x', cards: [], absent: [], groups: [], domains: [], problems: [] },
  findings: [],
  orphaned: 0,
  recovery: { pending: 0, left: 0 },
  version: '1.2.3',
};

/** The values of each metric by its labels, in the form of the text. */
function samplesIn(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))] as const;
    }),
  );
}

it('says what is on a host', async () => {
  await using connection = await connect('test:///nvidia-m60');
  const device = (uuid: number, type: string): string =>
    `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='${type}'/>
      <uuid>00000000-0000-4000-8000-00000000000${uuid}</uuid><group>g</group></capability></device>`;
  await connection.create(device(1, 'nvidia-18'));
  await connection.create(device(2, 'nvidia-18'));
  await connection.claim('g', { name: 'vm1' });
  await connection.define(device(3, 'nvidia-18'));
  const text = await textOf({ ...NOTHING, topology: await connection.topology() });
  const samples = samplesIn(text);
  const of = (name: string): number | undefined => samples.get(`virt_nodedev_${name}`);
  const parent = 'parent="pci_0000_86_00_0",type="nvidia-18"';
  expect(of(`devices{${parent},state="active"}`)).toBe(2);
  expect(of(`devices{${parent},state="inactive"}`)).toBe(1);
  const type = 'card="pci_0000_86_00_0",type="nvidia-18"';
  expect(of(`capacity_devices{${type}}`)).toBe(4);
  expect(of(`free_devices{${type}}`)).toBe(2);
  expect(of(`free_devices_exact{${type}}`)).toBe(1);
  expect(of('free_devices{card="pci_0000_86_00_0",type="nvidia-22"}')).toBe(0);
  expect(of('card_used_ratio{card="pci_0000_86_00_0",product="GM204GL [Tesla M60]"}')).toBe(0.5);
  expect(of('owned_devices{domain="vm1"}')).toBe(3);
  expect(of('info{version="1.2.3",uri="test:///nvidia-m60"}')).toBe(1);
});

it('says what is wrong with a host, and what is missing in its numbers', async () => {
  const findings = [
    { code: 'doctor-definition-parent', severity: 'error', message: '' },
    { code: 'doctor-definition-parent', severity: 'error', message: '' },
    { code: 'doctor-parent-full', severity: 'notice', message: '' },
  ] as const;
  const text = await textOf({
    ...NOTHING,
    topology: { ...NOTHING.topology, problems: [new NodedevError('host-refused', 'x')] },
    findings,
    orphaned: 2,
    recovery: { last: { time: 1_700_000_000_500, operations: 2 }, pending: 1, left: 3 },
  });
  const samples = samplesIn(text);
  expect(Object.fromEntries([...samples].filter(([, value]) => value !== 0))).toEqual({
    'virt_nodedev_info{version="1.2.3",uri="sim:///x"}': 1,
    virt_nodedev_orphaned_devices: 2,
    virt_nodedev_unstartable_definitions: 2,
    'virt_nodedev_findings{code="doctor-definition-parent",severity="error"}': 2,
    'virt_nodedev_findings{code="doctor-parent-full",severity="notice"}': 1,
    virt_nodedev_unreadable: 1,
    virt_nodedev_recovery_pending_operations: 1,
    virt_nodedev_recovery_left_operations: 3,
    virt_nodedev_last_recovery_timestamp_seconds: 1_700_000_000.5,
  });
});

it('does not say when a recovery was where none was', async () => {
  expect(samplesIn(await textOf(NOTHING)).keys()).not.toContain(
    'virt_nodedev_last_recovery_timestamp_seconds',
  );
});

it('shows what names hold without ending a line or a label', async () => {
  const owner = { name: 'a"\n\u001B]0;b\\', by: 'claim' } as const;
  const device = { name: 'n', uuid: 'u', parent: 'p', group: 'g', owner, active: true };
  const text = await textOf({
    ...NOTHING,
    topology: { ...NOTHING.topology, absent: [device] },
  });
  const line = text.split('\n').find((each) => each.startsWith('virt_nodedev_owned_devices{'));
  expect(line).toBe(String.raw`virt_nodedev_owned_devices{domain="a\"\\n\\u{1b}]0;b\\"} 1`);
});

it('has all that the dashboard in samples/ asks for', async () => {
  const text = await textOf(NOTHING);
  const dashboard = readFileSync('samples/grafana/mediated-devices.json', 'utf8');
  const wanted = new Set(dashboard.match(/virt_nodedev_\w+/gu));
  expect(wanted.size).toBeGreaterThan(8);
  for (const name of wanted) expect(text).toContain(`# TYPE ${name} gauge\n`);
  const ids = dashboard.match(/"id": \d+/gu) ?? [];
  expect(new Set(ids).size).toBe(ids.length);
});
