import { expect, it, onTestFinished } from 'vitest';
import type { Issue } from '../../../src/errors.ts';
import { initSimulatedHost } from '../../../src/index.ts';
import { readSampleProfile } from '../../../src/host/simulated/samples.ts';
import { writeFiles } from '../../support/file-tree.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { examined, uuidOf } from '../doctor/hosts.ts';

const [A, B, C, D] = [uuidOf(1), uuidOf(2), uuidOf(3), uuidOf(4)];

/** An s390 host with adapters 0 to 8, that keeps adapters 0 to 3 with domains 0 to 15. */
async function s390() {
  const folder = temporaryFolder();
  const settings = { adapters: '0-8', 'host-adapters': '0-3', 'host-domains': '0-15' };
  const lines = Object.entries(settings).map(
    ([name, value]) => `<setting name='${name}' value='${value}'/>`,
  );
  const profile = readSampleProfile('s390-ccw-ap').replace(
    /<card driver='vfio_ap'[^>]*>/,
    `$&${lines.join('')}`,
  );
  const reported: Issue[] = [];
  const uri = `sim://${folder}/host`;
  const manager = await initSimulatedHost(`${folder}/host`, profile, {
    report: (issue) => void reported.push(issue),
  });
  onTestFinished(() => manager.close());
  return { uri, manager, told: () => reported.splice(0).map(shown), folder: `${folder}/host` };
}

const shown = ({ severity, code, message, hint }: Issue): string =>
  `${severity} ${code}: ${message.replaceAll(/mdev_0695d332_\w+_0000000000/g, 'mdev_')} | ${hint}`;

const write = (text: string): string => {
  const [name, value] = text.split('=');
  return `<attr name='${name}' value='${value}'/>`;
};

const ap = (uuid: string, ...writes: readonly string[]): string =>
  `<device><parent>ap_matrix</parent><capability type='mdev'><type id='vfio_ap-passthrough'/><uuid>${uuid}</uuid>${writes.map(write).join('')}</capability></device>`;

const ccw = (uuid: string): string =>
  `<device><parent>css_0_0_0052</parent><capability type='mdev'><type id='vfio_ccw-io'/><uuid>${uuid}</uuid></capability></device>`;

const TAKEN = 'take another adapter or domain for one of them: a queue belongs to one device';
const KEPT =
  '`chzdev -t ap apmask=-0x02 aqmask=-0x03,-0x04` gives them to vfio_ap; until the next boot only: `echo -0x02 > /sys/bus/ap/apmask; echo -0x03,-0x04 > /sys/bus/ap/aqmask`';
const FIRST = ap(A, 'assign_adapter=5', 'assign_adapter=6', 'assign_domain=0x47');
/** Neither adapter nor domain is assigned in the order of the other device: queue 06.0047 is a combination. */
const SECOND = ap(B, 'assign_domain=71', 'assign_domain=4', 'assign_adapter=6');

it('refuses queues of another device and of the host, and wrong values, before anything is made', async () => {
  const { manager, told } = await s390();
  await manager.create(FIRST);
  await expect(manager.create(SECOND)).rejects.toMatchObject({
    code: 'host-refused',
    message: `Unable to create mediated device ${B} (vfio_ap-passthrough on ap_matrix): queue 06.0047 belongs to mdev_${A.replaceAll('-', '_')}_matrix (EADDRINUSE writing '6' to assign_adapter)`,
    hint: TAKEN,
  });
  await expect(
    manager.create(ap(B, 'assign_domain=3', 'assign_domain=4', 'assign_adapter=2')),
  ).rejects.toMatchObject({
    message: expect.stringMatching(
      /queues 02.0003, 02.0004 are the host's own, by apmask and aqmask \(EADDRNOTAVAIL writing '2'/,
    ),
    hint: KEPT,
  });
  await expect(
    manager.create(ap(B, 'assign_adapter=abc', 'assign_domain=0x100')),
  ).rejects.toMatchObject({
    message: expect.stringContaining("assign_adapter 'abc' is no number (EINVAL"),
    issues: [{ message: expect.stringContaining('above the highest domain of this machine, 255') }],
  });
  // Nothing was made, so nothing was undone.
  expect(told()).toEqual([]);
  await manager.create([ap(B, 'assign_adapter=9', 'assign_domain=1'), ccw(C)]);
  expect(told()).toEqual([
    'warning resources-absent: this host does not have adapter 09: a guest gets none of its queues | `lszcrypt -V` lists what there is; more is given to the partition at the HMC',
  ]);
});

it('refuses two devices of one document that share a queue', async () => {
  const { manager } = await s390();
  await expect(
    manager.create([
      ap(A, 'assign_adapter=5', 'assign_domain=1'),
      ap(B, 'assign_domain=1', 'assign_adapter=5'),
    ]),
  ).rejects.toMatchObject({ message: expect.stringContaining('queue 05.0001 belongs to') });
  expect((await manager.list()).items.filter(({ uuid }) => uuid !== undefined)).toEqual([]);
});

it('tells of definitions that cannot be active together, and more of two that start at boot', async () => {
  const { manager, told, uri } = await s390();
  const notice = (name: string, why: string): string =>
    `notice resources-taken: queue 06.0047 is also in the definition mdev_${name}_matrix: ${why} | ${TAKEN}`;
  await manager.define(FIRST);
  expect(told()).toEqual([]);
  await manager.define(SECOND);
  expect(told()).toEqual([notice('01', 'only one of them can be active')]);
  await manager.start(A);
  expect(told()).toEqual([]); // it was told when it was defined
  await expect(manager.start(B)).rejects.toMatchObject({ code: 'host-refused' });
  await manager.autostart(A, true);
  await manager.autostart(B, true);
  expect(told()[1]).toMatch(/^warning resources-taken: mdev_02_matrix: .*: both start at boot/);
  expect((await examined(uri)).filter(({ code }) => /resources/.test(code)).map(shown)).toEqual([
    `warning doctor-resources-autostart: mdev_01_matrix: queue 06.0047 is also in the definition mdev_02_matrix: both start at boot, and only one of them can | ${TAKEN}`,
  ]);
});

it('tells of one that is active only, and of values no host takes', async () => {
  const { manager, told, uri } = await s390();
  await manager.create(FIRST);
  await manager.define(SECOND);
  expect(told()).toEqual([
    `notice resources-taken: queue 06.0047 belongs to mdev_01_matrix | ${TAKEN}`,
  ]);
  await manager.define(
    ap(C, 'assign_adapter=x', 'assign_domain=3', 'assign_domain=4', 'assign_adapter=2'),
  );
  expect(told()).toMatchObject([
    expect.stringMatching(/^warning resources-refused/),
    `warning resources-kept: queues 02.0003, 02.0004 are the host's own, by apmask and aqmask | ${KEPT}`,
  ]);
  expect((await examined(uri)).map(({ code, severity }) => `${severity} ${code}`)).toEqual([
    'notice doctor-without-owner',
    'notice doctor-resources-taken',
    'warning doctor-resources-refused',
    'warning doctor-resources-kept',
  ]);
});

it('update: refuses live, tells of a definition', async () => {
  const { manager, told } = await s390();
  await manager.create(FIRST);
  await manager.create(ap(B, 'assign_domain=0x47'));
  const change = ap(B, 'assign_adapter=5');
  await expect(manager.update(B, change)).rejects.toMatchObject({
    message: expect.stringMatching(/^Unable to modify .*: queue 05.0047 belongs to .*EADDRINUSE/),
  });
  expect(await manager.dumpxml(B)).not.toContain('assign_adapter');
  await manager.define(ap(B, 'assign_domain=0x47'));
  told();
  await manager.update(B, SECOND, { config: true });
  expect(told()).toEqual([
    `notice resources-taken: queue 06.0047 belongs to mdev_01_matrix | ${TAKEN}`,
  ]);
});

it('validate with a host has it all with its place', async () => {
  const { manager } = await s390();
  await manager.create(FIRST);
  const [report] = await manager.validate(
    `<devices>${SECOND}${ap(C, 'assign_domain=4', 'assign_adapter=6')}${ap(D, 'assign_adapter=0x')}</devices>`,
  );
  expect(report?.issues.map(({ location, ...issue }) => [location?.line, shown(issue)])).toEqual([
    [1, `notice resources-taken: queue 06.0047 belongs to mdev_01_matrix | ${TAKEN}`],
    [
      1,
      `notice resources-taken: queue 06.0004 is also in the definition mdev_02_matrix: only one of them can be active | ${TAKEN}`,
    ],
    [1, expect.stringContaining("error resources-refused: assign_adapter '0x' is no number")],
  ]);
});

it('a plan refuses what it cannot make, counts what it destroys and changes, and warns of definitions', async () => {
  const { manager } = await s390();
  await manager.create(FIRST);
  const plan = async (
    ...documents: Parameters<typeof manager.plan>
  ): Promise<readonly string[]> => {
    const { refusals, warnings } = await manager.plan(...documents);
    return [...refusals, ...warnings].map(({ severity, message }) => `${severity} ${message}`);
  };
  expect(await plan(SECOND)).toEqual([expect.stringMatching(/^error .*06\.0047 belongs to/)]);
  expect(await plan(SECOND, { prune: true })).toEqual([]);
  expect(await plan([ap(A, 'unassign_adapter=6'), SECOND])).toEqual([
    expect.stringMatching(/^error .*06\.0047 belongs to/), // updates come last
  ]);
  expect(await plan(ap(B, 'assign_adapter=2', 'assign_domain=3'))).toEqual([
    expect.stringMatching(/^error .*EADDRNOTAVAIL/),
  ]);
  await manager.define(SECOND);
  expect(await plan(ap(C, 'assign_adapter=6', 'assign_domain=4'), { define: true })).toEqual([
    expect.stringMatching(/queue 06.0004 is also in the definition .*only one/),
  ]);
});

it('two definitions of one subchannel are told, with severity', async () => {
  const { manager, told, uri } = await s390();
  await manager.define(ccw(A));
  await manager.define(ccw(B), { autostart: true });
  const hint = 'a subchannel takes one device: define it on another, or undefine one of them';
  expect(told()).toEqual([
    `notice resources-taken: subchannel 0.0.0052 is also in the definition mdev_01_0_0_0052: only one of them can be active | ${hint}`,
  ]);
  await manager.start(A);
  expect((await examined(uri)).filter(({ code }) => /resources/.test(code))).toMatchObject([
    { code: 'doctor-resources-taken', severity: 'notice' },
  ]);
});

it('a domain whose definition the hook cannot start is told which queues are in the way', async () => {
  const { manager, folder } = await s390();
  await manager.create(FIRST);
  await manager.define(SECOND);
  writeFiles(folder, { 'etc/libvirt/hooks/qemu': '#!/bin/sh\nvirt-nodedev libvirt-hook "$@"\n' });
  const [report] = await manager.validate(
    `<domain type='kvm'><name>d</name><memory>1048576</memory><os><type arch='s390x' machine='s390-ccw-virtio'>hvm</type></os><devices><hostdev mode='subsystem' type='mdev' model='vfio-ap'><source><address uuid='${B}'/></source></hostdev></devices></domain>`,
  );
  expect(report?.issues).toMatchObject([
    {
      code: 'mdev-start-fails',
      message: expect.stringContaining('cannot be started: queue 06.0047 belongs to'),
    },
  ]);
});
