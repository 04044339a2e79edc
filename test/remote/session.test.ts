import { mkdirSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { connect, type Connection, NodedevError } from '../../src/index.ts';
import { connectOver } from '../../src/remote/connect-over.ts';
import { LineReader } from '../../src/remote/lines.ts';
import { serveConnection, type ServeOptions } from '../../src/remote/server.ts';
import { parseSshUri } from '../../src/remote/ssh-uri.ts';
import { sshArguments } from '../../src/remote/ssh.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { connectByPipes } from './pipes.ts';

const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';
const XML = `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-18'/>
  <uuid>${UUID}</uuid></capability></device>`;

it.each([
  ['ssh://h', { host: 'h' }],
  ['ssh://h/', { host: 'h' }],
  ['ssh://root@h:2222/sim:///a b', { user: 'root', host: 'h', port: 2222, uri: 'sim:///a b' }],
  ['ssh://me@realm@h/', { user: 'me@realm', host: 'h' }],
  ['ssh://DOM\\me@h/', { user: 'DOM\\me', host: 'h' }],
  ['ssh://[fe80::1%eth0]:22/', { host: 'fe80::1%eth0', port: 22 }],
  ['ssh://h/test:///default', { host: 'h', uri: 'test:///default' }],
])('reads %s', (uri, target) => {
  expect(parseSshUri(uri)).toEqual(target);
});

const REFUSED =
  `ssh:// ssh:/// ssh://-h/ ssh://-oProxyCommand=x/ ssh://$(x)/ ssh://\`x\`/ ssh://a;b/ ssh://[::1/ ssh://[x]/
  ssh://h:/ ssh://h:0/ ssh://h:65536/ ssh://h:-1/ ssh://h:1x/ ssh://@h/ ssh://-l@h/ ssh://a'b@h/ ssh://a\\@h/
  ssh://h/ssh://i/ ssh://h:22:23/`.split(/\s+/u);

it.each([
  ...REFUSED,
  'ssh://a b/',
  'ssh://a b@h/',
  'ssh://a\nb/',
  'ssh://a\u202eb/',
  'ssh://\u0000/',
])('refuses %j', (uri) => {
  expect(() => parseSshUri(uri)).toThrow(expect.objectContaining({ code: 'uri-invalid' }));
});

it('ssh gets fixed words for the other machine, and none that could be an option', () => {
  expect(sshArguments({ user: 'u', host: 'h', port: 22, uri: 'sim:///$(x)' })).toEqual([
    '-T',
    '-e',
    'none',
    '-l',
    'u',
    '-p',
    '22',
    '--',
    'h',
    'virt-nodedev serve --stdio',
  ]);
});

/** A client whose server is the test. */
function client(answer: (line: Record<string, unknown>, send: (text: string) => void) => void) {
  const [up, down] = [new PassThrough(), new PassThrough()];
  let end: () => void = () => undefined;
  const ended = new Promise<NodedevError>((resolve) => {
    end = () => resolve(new NodedevError('ssh-failed', 'it has ended'));
  });
  const kill = (): void => {
    down.end();
    end();
  };
  onTestFinished(kill);
  up.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().split('\n').filter(Boolean)) {
      const message: Record<string, unknown> = JSON.parse(line);
      answer(message, (text) => void down.write(text));
    }
  });
  return connectOver(
    { input: down, output: up, ended, end: async () => kill(), kill },
    'ssh://h/',
    undefined,
  );
}

const reply = (id: unknown, value: unknown): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id, result: { value } })}\n`;

/** A client that is connected, and what its calls are answered. */
const connected = (answer: (id: unknown, send: (text: string) => void) => void) =>
  client(({ id, method }, send) => {
    if (method === 'initialize') send(reply(id, { protocol: 1, version: '0' }));
    else if (method === 'call') answer(id, send);
  });

it.each<readonly [what: string, text: (id: unknown) => string]>([
  ['is no list', (id) => reply(id, [])],
  ['is null', (id) => reply(id, null)],
  ['has a device that is none', (id) => reply(id, { items: [{ name: 7 }], problems: [] })],
  ['has an error that is none', (id) => reply(id, { items: [], problems: [{ $: 'error', v: 7 }] })],
  ['has a function', (id) => reply(id, { items: [], problems: [{ $: 'callback', v: 7 }] })],
  ['has no value', (id) => `${JSON.stringify({ jsonrpc: '2.0', id, result: 7 })}\n`],
  [
    'fails with no error',
    (id) =>
      `${JSON.stringify({ jsonrpc: '2.0', id, error: { code: 1, message: 'x', data: 7 } })}\n`,
  ],
  ['is no message', () => '[1]\n'],
  ['is no JSON', () => 'x\u001b[31m\n'],
  ['cancels nothing', () => '{"jsonrpc":"2.0","method":"$/cancelRequest"}\n'],
  [
    'is very deep',
    (id) =>
      `{"jsonrpc":"2.0","id":${String(id)},"result":{"value":${'['.repeat(9999)}${']'.repeat(9999)}}}\n`,
  ],
])('refuses a server whose answer %s', async (_, text) => {
  const connection = await connected((id, send) => send(text(id)));
  const error: unknown = await connection.list().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(NodedevError);
  expect(JSON.stringify([error])).toMatch(/protocol-error|does not speak|connection-lost/u);
});

it('what answers with an error of its own, such as an echo, is no server', async () => {
  const error = { code: -32_601, message: 'no such method' };
  const connecting = client(({ id }, send) =>
    send(`${JSON.stringify({ jsonrpc: '2.0', id, error })}\n`),
  );
  await expect(connecting).rejects.toMatchObject({
    code: 'protocol-error',
    message: expect.stringContaining('no such method'),
  });
});

it('a message that does not end is not kept', async () => {
  const input = new PassThrough();
  const reader = new LineReader(input, 1000);
  const closed = new Promise<void>((resolve) => reader.onClose(resolve));
  reader.listen(() => undefined);
  input.write('x'.repeat(1001));
  await closed;
  expect(reader.refused).toMatchObject({ code: 'protocol-error' });
});

/** A server whose client is the test. */
function server(options: Partial<ServeOptions> = {}) {
  const [up, down] = [new PassThrough(), new PassThrough()];
  let said = '';
  down.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const abort = new AbortController();
  const served = serveConnection(up, down, {
    open: (uri, given) => connect(uri ?? 'test:///default', given),
    stray: () => undefined,
    signal: abort.signal,
    ...options,
  });
  return { up, down, served, said: () => said, abort };
}

const request = (id: number, method: string, params: unknown): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
const initialize = request(0, 'initialize', { protocol: 1, version: '0' });
const call = (id: number, method: unknown, args: unknown): string =>
  request(id, 'call', { number: id, method, args });

it.each([
  [
    'another protocol',
    request(0, 'initialize', { protocol: 2, version: '9.9' }),
    'virt-nodedev 9.9 here speaks protocol 2',
  ],
  ['no form', request(0, 'initialize', { protocol: 'x' }), 'not of the form'],
  [
    'a way over another machine',
    request(0, 'initialize', { protocol: 1, version: '0', uri: 'ssh://x/' }),
    'its own machine only',
  ],
  ['a call before the beginning', call(1, 'list', []), 'before the beginning'],
  [
    'a second beginning',
    initialize + request(5, 'initialize', { protocol: 1, version: '0' }),
    'begins twice',
  ],
  ['an unknown method', initialize + call(1, 'constructor', []), "no method 'constructor'"],
  ['close as a method', initialize + call(1, 'close', []), "no method 'close'"],
  [
    'a method that runs a command',
    initialize + call(1, 'runCommand', [['id']]),
    'not possible over ssh',
  ],
  [
    'arguments that are none',
    initialize + call(1, 'destroy', [{ $: 'map', v: [] }]),
    'destroy: argument 1',
  ],
  ['a misspelt option', initialize + call(1, 'gc', [{ dryrun: true }]), 'gc: argument 1'],
  ['a value of no kind', initialize + call(1, 'info', [{ $: 'x' }]), 'no known kind'],
])('a server refuses %s', async (_, text, expected) => {
  const { up, served, said } = server();
  up.write(text);
  await expect.poll(said, { timeout: 60_000 }).toContain(expected);
  up.end();
  await served;
});

it('a server ends with what is no message, and with its signal', async () => {
  const first = server();
  first.up.write('GET / HTTP/1.1\r\n');
  await first.served;
  for (const params of [undefined, null, 'x', {}, { id: null }]) {
    const cancelled = server();
    cancelled.up.write(
      `${JSON.stringify({ jsonrpc: '2.0', method: '$/cancelRequest', params })}\n`,
    );
    await cancelled.served;
  }
  const second = server();
  second.abort.abort();
  await second.served;
  expect([first.said(), second.said()]).toEqual(['', '']);
});

it('what else writes to the output is not between the messages', async () => {
  let stray = '';
  const { up, down, served, said } = server({ stray: (text) => void (stray += text) });
  down.write('a driver says hello\n');
  up.write(initialize);
  await expect.poll(said, { timeout: 60_000 }).toContain('"protocol":1');
  up.end();
  await served;
  expect(stray).toBe('a driver says hello\n');
  expect(
    said()
      .split('\n')
      .filter(Boolean)
      .map((line) => typeof JSON.parse(line)),
  ).toEqual(['object']);
});

it('a server for one host, or for looking only, is no other', async () => {
  const one = server({ only: 'test:///default', readOnly: true });
  one.up.write(request(0, 'initialize', { protocol: 1, version: '0', uri: 'sysfs:///' }));
  await expect.poll(one.said, { timeout: 60_000 }).toContain('serves test:///default only');
  one.up.write(
    request(1, 'initialize', { protocol: 1, version: '0', options: { readOnly: false } }),
  );
  one.up.write(call(2, 'create', [XML]));
  await expect.poll(one.said, { timeout: 60_000 }).toContain('"read-only"');
  one.up.end();
  await one.served;
});

it('who is limited to one host obeys its scripts; others may overrule them', async () => {
  const folder = `${temporaryFolder({ inMemory: true })}/host`;
  makeSimulatedHost(folder, 'nvidia-m60');
  const callouts = `${folder}/usr/lib/mdevctl/scripts.d/callouts`;
  mkdirSync(callouts, { recursive: true });
  writeFileSync(`${callouts}/no.sh`, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const answers = ['"script-failed"', `"uuid":"${UUID}"`];
  for (const only of [`sim://${folder}`, undefined]) {
    const { up, said, served } = server({ only });
    const options = { overruleScripts: true };
    up.write(
      request(0, 'initialize', { protocol: 1, version: '0', uri: `sim://${folder}`, options }),
    );
    up.write(call(1, 'create', [XML]));
    await expect.poll(said, { timeout: 60_000 }).toContain(answers.shift());
    up.end();
    await served;
  }
});

/** A connection through pipes to a simulated host. */
function host(): { readonly uri: string; readonly there: Promise<Connection> } {
  const folder = `${temporaryFolder({ inMemory: true })}/host`;
  makeSimulatedHost(folder, 'nvidia-m60');
  return { uri: `sim://${folder}`, there: connectByPipes(`sim://${folder}`) };
}

it('events come until their signal, and those before it are still delivered', async () => {
  const { uri, there } = host();
  await using remote = await there;
  await using local = await connect(uri);
  const abort = new AbortController();
  const events = await remote.events({ signal: abort.signal });
  await local.create(XML);
  const seen: string[] = [];
  for await (const event of events) {
    seen.push(`${event.kind} ${event.uuid}`);
    abort.abort();
  }
  expect(seen).toEqual([`lifecycle ${UUID}`]);
});

it('events end with the connection', async () => {
  const { there } = host();
  const remote = await there;
  const events = await remote.events();
  const reading = (async () => {
    for await (const event of events) return event;
    return 'the end';
  })();
  await remote.close();
  expect(await reading).toBe('the end');
  await expect(remote.list()).rejects.toMatchObject({ code: 'connection-closed' });
});

it('progress comes in order, and a call that waits ends with its signal', async () => {
  const { uri, there } = host();
  await using remote = await there;
  const plan = await remote.plan([XML], { define: true });
  const steps: string[] = [];
  await remote.apply(plan, { onProgress: (done, total) => void steps.push(`${done}/${total}`) });
  expect(steps).toEqual(['1/2', '2/2']);
  await using local = await connect(uri);
  await local.startDomain(
    `<domain type='kvm'><name>vm</name><memory>1</memory><os><type>hvm</type></os><devices><hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${UUID}'/></source></hostdev></devices></domain>`,
  );
  const abort = new AbortController();
  const waiting = remote.destroy(UUID, { wait: 3600, signal: abort.signal });
  abort.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
  const [givenUp] = await Promise.allSettled([
    remote.destroy(UUID, { wait: 3600 }),
    remote.close(),
  ]);
  expect(givenUp).toMatchObject({ reason: { code: 'connection-closed' } });
});

it.each([
  ['newUuid', { newUuid: () => UUID }],
  ['now', { now: () => 0 }],
  ['drivers', { drivers: [] }],
])('%s is refused', async (name, options) => {
  await expect(connect('ssh://h/', { ...options, ssh: '/bin/false' })).rejects.toMatchObject({
    code: 'not-remote',
    message: expect.stringContaining(name),
  });
});

it('warnings and changes are told', async () => {
  const folder = `${temporaryFolder({ inMemory: true })}/host`;
  makeSimulatedHost(folder, 'nvidia-m60');
  const told: string[] = [];
  await using remote = await connectByPipes(`sim://${folder}`, {
    report: ({ code, severity }) => void told.push(`${severity} ${code}`),
    onChange: () => void told.push('change'),
  });
  await remote.create(XML.replace('<uuid>', '<odd/><uuid>'));
  expect(told).toContain('change');
  expect(told.filter((each) => each.startsWith('warning'))).toHaveLength(1);
});
