import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/index.ts';
import type { EventOrigin } from '../../src/host/host.ts';
import { order } from '../../src/host/sysfs/values.ts';

// What the kernel says of devices that come and go, through udevadm and by looking, while other programs change them.

const PAIRS = 1000;

/** Creates devices 1 to N on mtty and removes each. */
const SCRIPT = `
  for number in $(seq 1 "$1"); do
    printf -v uuid c0ffee00-1111-4222-8333-%012d "$number"
    echo "$uuid" >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create
    [ "$2" = 0 ] || sleep "$2"
    echo 1 >"/sys/bus/mdev/devices/$uuid/remove"
    [ "$2" = 0 ] || sleep "$2"
  done
`;

async function shell(script: string, ...words: readonly string[]): Promise<void> {
  const child = spawn('/bin/bash', ['-ec', script, 'bash', ...words], { stdio: 'inherit' });
  expect(await once(child, 'close')).toEqual([0, null]);
}

const nameOf = (number: number): string =>
  `mdev_c0ffee00_1111_4222_8333_${String(number).padStart(12, '0')}_mtty`;

const pairs = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => nameOf(index + 1)).flatMap((name) => [
    `created ${name}`,
    `deleted ${name}`,
  ]);

/** What is told while something is done, and how it was heard. */
async function heardWhile(
  doing: () => Promise<void>,
  count: number,
): Promise<{ readonly source: EventOrigin; readonly lines: readonly string[] }> {
  const manager = await connect('sysfs:///');
  const events = await manager.events({ kinds: ['lifecycle'] });
  const lines: string[] = [];
  const reading = (async () => {
    for await (const event of events) {
      if (event.kind === 'lifecycle') lines.push(`${event.change} ${event.name}`);
    }
  })();
  await doing();
  const deadline = Date.now() + 60_000;
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));
  while (lines.length < count && Date.now() < deadline) await pause();
  for (let more = 0; more < 60; more += 1) await pause(); // longer than from look to look
  const { source } = events;
  await manager.close();
  await reading;
  return { source, lines };
}

/** Sorting by it leaves the events of each device in their order. */
function byDevice(one: string, other: string): number {
  const [, name = ''] = one.split(' ');
  const [, otherName = ''] = other.split(' ');
  return order(name, otherName);
}

const unload = 'modprobe -r mdpy; sleep 0.5; modprobe mdpy';

describe('udevadm', () => {
  beforeAll(() => {
    // The guest's root is a chroot, where udevadm would not listen.
    process.env['SYSTEMD_IGNORE_CHROOT'] = '1';
  });

  it(`reports each of ${PAIRS} creates and removes once, and those of a device in order`, async () => {
    const expected = pairs(PAIRS);
    const heard = await heardWhile(() => shell(SCRIPT, String(PAIRS), '0'), expected.length);
    expect(heard.source).toBe('udev');
    // A look at the bus may see a device before the messages of those before it are read.
    expect(heard.lines.toSorted(byDevice)).toEqual(expected);
  });

  it('reports parents whose driver goes and comes, and not what the kernel refused', async () => {
    const full = `
      create=/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-2/create
      for number in $(seq 1 12); do echo "c0ffee00-1111-4222-8333-$(printf %012d "$number")" >$create; done
      ! echo c0ffee00-1111-4222-8333-000000000099 >$create
      for device in /sys/bus/mdev/devices/*; do echo 1 >$device/remove; done
    `;
    const heard = await heardWhile(() => shell(`${full}\n${unload}`), 26);
    expect(heard.source).toBe('udev');
    expect(heard.lines.slice(-2)).toEqual(['deleted mdpy_mdpy', 'created mdpy_mdpy']);
    expect(heard.lines.slice(0, -2).toSorted()).toEqual(pairs(12).toSorted());
  });
});

describe('looking', () => {
  it('reports what stays long enough to be seen', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nonexistent';
    try {
      const expected = [...pairs(3), 'deleted mdpy_mdpy', 'created mdpy_mdpy'];
      const script = `PATH=/usr/sbin:/usr/bin:/sbin:/bin\n${SCRIPT}\n${unload}`;
      const heard = await heardWhile(() => shell(script, '3', '0.5'), expected.length);
      expect(heard).toEqual({ source: 'poll', lines: expected });
    } finally {
      process.env['PATH'] = path;
    }
  });
});
