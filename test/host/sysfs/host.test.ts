import { expect, it } from 'vitest';
import type { HostEvent } from '../../../src/host/host.ts';
import { SysfsHost } from '../../../src/host/sysfs/host.ts';
import { diskHost } from '../support/hosts.ts';

it('a kernel’s host tells of devices that come and go by looking at the bus', async () => {
  const { host, dispose } = diskHost('kernel-samples');
  const heard: HostEvent[] = [];
  const heardEnough = async (count: number): Promise<void> => {
    const deadline = Date.now() + 5000;
    while (heard.length < count && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const stop = new AbortController();
  const uuid = '00000000-1111-4222-8333-000000000001';
  const parent = host.parent('mdpy');
  if (parent === undefined) throw new Error('no mdpy');
  try {
    new SysfsHost(host.root).watch((event) => heard.push(event), stop.signal);
    host.create(parent, 'mdpy-hd', uuid);
    await heardEnough(1);
    host.reset();
    await heardEnough(2);
  } finally {
    stop.abort();
    dispose();
  }
  expect(heard).toMatchObject([
    { action: 'add', parent: 'mdpy', uuid },
    { action: 'remove', parent: 'mdpy', uuid },
  ]);
});
