import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fakeManager } from './fake-manager.ts';
import { run } from './run.ts';

it('starts a parent by the rule and the unit of the samples', async () => {
  const rule = readFileSync('samples/udev/60-virt-nodedev.rules', 'utf8');
  const wanted = /SYSTEMD_WANTS\}\+="(.*)%k(.*)"/u.exec(rule)?.slice(1).join('');
  expect(readdirSync('samples/systemd')).toEqual([wanted]);

  const unit = readFileSync(`samples/systemd/${wanted ?? ''}`, 'utf8');
  const line = /^ExecStart=virt-nodedev (.*)$/mu.exec(unit)?.[1] ?? '';
  const parents: string[] = [];
  const connect = fakeManager({
    startParent(parent) {
      parents.push(parent);
      return Promise.resolve({ started: [], failed: [] });
    },
  });
  const words = line.replaceAll('%i', '0000:86:00.0').split(' ');
  expect(await run(words, { connect })).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(parents).toEqual(['0000:86:00.0']);
});
