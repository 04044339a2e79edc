import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { connect } from '../../src/remote/connect.ts';
import { fakeManager } from './fake-manager.ts';
import { run } from './run.ts';

it('starts a parent by the rule and the unit of the samples', async () => {
  const rule = readFileSync('samples/udev/60-virt-nodedev.rules', 'utf8');
  const wanted = /SYSTEMD_WANTS\}\+="(.*)%k(.*)"/u.exec(rule)?.slice(1).join('');
  expect(readdirSync('samples/systemd')).toContain(wanted);

  const unit = readFileSync(`samples/systemd/${wanted ?? ''}`, 'utf8');
  const line = /^ExecStart=virt-nodedev (.*)$/mu.exec(unit)?.[1] ?? '';
  const parents: string[] = [];
  const fake = fakeManager({
    startParent(parent) {
      parents.push(parent);
      return Promise.resolve({ started: [], failed: [] });
    },
  });
  const words = line.replaceAll('%i', '0000:86:00.0').split(' ');
  expect(await run(words, { connect: fake })).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(parents).toEqual(['0000:86:00.0']);
});

it('writes the metrics by the unit of the samples, with a rename to the name that the collector reads', async () => {
  const unit = readFileSync('samples/systemd/virt-nodedev-metrics.service', 'utf8');
  const line = /^ExecStart=virt-nodedev (.*)$/mu.exec(unit)?.[1] ?? '';
  const { code, stdout } = await run(line.split(' '), {
    connect: (_, options) => connect('test:///nvidia-m60', options),
  });
  expect([code, stdout]).toEqual([0, expect.stringContaining('virt_nodedev_unreadable 0\n')]);
  const written = /^StandardOutput=truncate:(.*)$/mu.exec(unit)?.[1];
  const read = written?.replace(/\.new$/u, '');
  expect(read).toMatch(/\/virt-nodedev\.prom$/u);
  expect(unit).toContain(`\nExecStartPost=mv ${written} ${read}\n`);
});
