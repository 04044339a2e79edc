import { expect, it } from 'vitest';
import { connect } from '../../../src/index.ts';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { readSampleProfile } from '../../../src/host/simulated/samples.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const UUID = '00000000-0000-4000-8000-000000000001';
const VM = `<domain type='kvm'><name>vm1</name><devices><hostdev mode='subsystem' type='mdev' model='vfio-pci'>
  <source><address uuid='${UUID}'/></source></hostdev></devices></domain>`;

it("the log of the drivers' calls stays short, and keeps what is committed", async () => {
  const root = join(temporaryFolder({ inMemory: true }), 'host');
  const profile = readSampleProfile('nvidia-m60').replaceAll(
    /(<card [^>]*>)/gu,
    "$1<setting name='requires-group' value='yes'/>",
  );
  makeSimulatedHost(root, profile);
  await using host = await connect(`sim://${root}`);
  await host.create(
    `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-18'/><uuid>${UUID}</uuid><group>g</group></capability></device>`,
  );
  await host.startDomain(VM);
  const log = join(root, 'sim/driver-calls.log');
  const [committed] = readFileSync(log, 'utf8').split('\n');
  expect(committed).toMatch(/^commit /u);
  const others = 'commit x\nfree x\n'.repeat(5000);
  writeFileSync(log, `${committed}\n${others}`);
  await host.stopDomain('vm1');
  expect(readFileSync(log, 'utf8')).toBe(`${committed}\n${committed?.replace('commit', 'free')}\n`);
  expect(statSync(log).size).toBeLessThan(1000);
});
