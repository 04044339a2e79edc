import { expect, it } from 'vitest';
import { connect, type DeviceEvent, type EventOptions, type Connection } from '../../src/index.ts';
import { fakeManager } from './fake-manager.ts';
import { run, type RunResult } from './run.ts';

const NAME = 'mdev_0695d332_7831_493f_9e71_1c85c8911a08_0000_86_00_0';
const TIME = Date.UTC(2026, 10, 21, 12, 49, 51, 123);
const EVENTS: readonly DeviceEvent[] = [
  { kind: 'lifecycle', change: 'created', name: NAME, time: TIME },
  { kind: 'lifecycle', change: 'deleted', name: NAME, time: TIME },
  { kind: 'lifecycle', change: 'defined', name: NAME, time: TIME },
  { kind: 'lifecycle', change: 'undefined', name: NAME, time: TIME },
  { kind: 'update', name: NAME, time: TIME },
];

/** A host of which just these events are told, of the kinds asked for; then nothing until the end. */
function host(told: readonly DeviceEvent[], asked: EventOptions[] = []): () => Promise<Connection> {
  return fakeManager({
    events: (options = {}) => {
      asked.push(options);
      async function* tell(): AsyncGenerator<DeviceEvent> {
        yield* told.filter(({ kind }) => options.kinds?.includes(kind));
        await ended(options.signal);
      }
      return Promise.resolve({ source: 'udev', [Symbol.asyncIterator]: tell });
    },
  });
}

async function ended(signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted === true) return;
  await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
}

const LISTENING = 'listening to the kernel (udevadm)\n';

it('waits for one event', async () => {
  expect(await run(['nodedev-event', '--event', 'lifecycle'], { connect: host(EVENTS) })).toEqual({
    code: 0,
    stdout: `event 'lifecycle' for node device ${NAME}: Created\nevents received: 1\n\n`,
    stderr: LISTENING,
  });
});

it('reports events with their time until it is interrupted', async () => {
  const user = new AbortController();
  const result = await run(['event', '--event', 'lifecycle', '--loop', '--timestamp'], {
    connect: host(EVENTS),
    interruption: user.signal,
    onOutput: (stdout) => {
      if (stdout.includes('Undefined')) user.abort();
    },
  });
  const line = `2026-11-21 12:49:51.123+0000: event 'lifecycle' for node device ${NAME}:`;
  expect(result).toEqual({
    code: 0,
    stdout: `${line} Created\n${line} Deleted\n${line} Defined\n${line} Undefined\nevent loop interrupted\nevents received: 4\n\n`,
    stderr: LISTENING,
  });
});

it('reports updates until the time is over', async () => {
  const line = ['event', '--event', 'update', '--loop', '--timeout', '1'];
  expect(await run(['-q', ...line], { connect: host(EVENTS) })).toEqual({
    code: 0,
    stdout: `event 'update' for node device ${NAME}\nevent loop timed out\nevents received: 1\n`,
    stderr: '',
  });
});

it('prints one object a line with --json, and nothing else', async () => {
  const user = new AbortController();
  const { stdout, stderr } = await run(['event', '--event', 'lifecycle', '--loop', '--json'], {
    connect: host(EVENTS),
    interruption: user.signal,
    onOutput: (text) => {
      if (text.includes('undefined')) user.abort();
    },
  });
  const lines = stdout.split('\n').filter((line) => line !== '');
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual(
    EVENTS.slice(0, 4).map((event) => ({ schema: 'event-line/1', ...event, warnings: [] })),
  );
  expect(stderr).toBe('');
});

it('is exit code 1 when nothing came', async () => {
  const options = { connect: host([]), interruption: AbortSignal.abort() };
  expect(await run(['event', '--event', 'update'], options)).toEqual({
    code: 1,
    stdout: 'event loop interrupted\nevents received: 0\n\n',
    stderr: LISTENING,
  });
});

it('asks for the device and the kind that were named', async () => {
  const asked: EventOptions[] = [];
  await run(['event', '--device', 'my-vgpu', '--event', 'update'], {
    connect: host(EVENTS, asked),
  });
  expect(asked).toMatchObject([{ device: 'my-vgpu', kinds: ['update'] }]);
});

it.each<readonly [line: string, result: Partial<RunResult>]>([
  ['event --list', { code: 0, stdout: 'lifecycle\nupdate\n\n', stderr: '' }],
  ['event --list --json', { code: 0, stderr: '' }],
  ['event', { code: 2, stderr: 'error: either --list or --event <type> is required\n' }],
  [
    'event --event lifecycles',
    { code: 2, stderr: 'error: unknown event type lifecycles\nhint: use lifecycle, update\n' },
  ],
  [
    'event --event update --timeout 2147484',
    {
      code: 2,
      stderr: "error: Numeric value '2147484' for <timeout> option is malformed or out of range\n",
    },
  ],
  [
    '-c test:///default event --event update --device nothing',
    {
      code: 1,
      stdout: '\n',
      stderr: "error: Could not find matching device 'nothing'\n",
    },
  ],
])('%s', async (line, result) => {
  const { code, stdout, stderr } = await run(line.split(' '), { connect: (uri) => connect(uri) });
  const [first = ''] = stderr.split(/(?=error: no node device)/u);
  expect({ code, stdout, stderr: first }).toMatchObject(result);
});
