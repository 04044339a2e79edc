import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { DOCUMENTS_PROGRAM, FOUND } from './sample.ts';

const project = inject('project');

/** Runs a program in the project; what it prints. */
function run(file: string, text: string): string {
  writeFileSync(join(project, file), text);
  return execFileSync(process.execPath, ['--no-warnings', file], {
    cwd: project,
    encoding: 'utf8',
  });
}

const USE = `
(async () => {
  const host = await connect('test:///default');
  const { items } = await host.types({ where: 'name=M60-2Q' });
  console.log(items.length, NodedevError === again);
  await host.close();
})();`;

it('is imported, and both doors have one NodedevError', () => {
  const text = `import { connect, NodedevError } from 'virt-nodedev';
import { NodedevError as again } from 'virt-nodedev/documents';${USE}`;
  expect(run('use.mjs', text)).toBe('2 true\n');
});

it('is required', () => {
  const text = `const { connect, NodedevError } = require('virt-nodedev');
const { NodedevError: again } = require('virt-nodedev/documents');${USE}`;
  expect(run('use.cjs', text)).toBe('2 true\n');
});

it('asks many hosts, with the errors of the other doors', () => {
  const text = `import { connect, NodedevError } from 'virt-nodedev';
import { EtcdClient, onHosts, parseFleet } from 'virt-nodedev/fleet';
const { hosts } = await parseFleet("<fleet><host name='a' uri='test:///default'/><host name='b' uri='no:x'/></fleet>");
const ask = (_, host) => host.list();
const seen = await onHosts(hosts, ask, { connect: ({ uri }, signal) => connect(uri, { signal }) });
console.log(seen.map(({ state }) => state).join(' '), seen[1].error instanceof NodedevError);
try { new EtcdClient({ endpoints: ['x'] }); } catch (error) { console.log(error instanceof NodedevError); }`;
  expect(run('fleet.mjs', text)).toBe('answered unknown true\ntrue\n');
});

it('works on documents', () => {
  const program = DOCUMENTS_PROGRAM.replaceAll(/: string(?:\[\])?/gu, '');
  const found = run('documents.mjs', `${program}console.log(JSON.stringify(globalThis.found));`);
  expect(JSON.parse(found)).toEqual(FOUND);
});

it('gives its schemas away', () => {
  const text = "console.log(import.meta.resolve('virt-nodedev/schemas/device.rng'));";
  const path = new URL(run('schema.mjs', text).trim());
  expect(readFileSync(path, 'utf8')).toContain('<grammar');
});

it('has the command', () => {
  const command = join(project, 'node_modules/virt-nodedev/dist/cli/bin.js');
  const types = execFileSync(process.execPath, [command, '-c', 'test:///default', 'types'], {
    encoding: 'utf8',
  });
  expect(types).toContain('nvidia-18');
});
