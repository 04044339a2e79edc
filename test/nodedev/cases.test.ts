import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { validateDocument } from '../../src/engine/validate/document.ts';
import { parseNodeDevice } from '../../src/nodedev/parse.ts';

test('a host for virtual ports that tells no numbers has none, as libvirt before 0.9 printed it', () => {
  const text = readFileSync('test/nodedev/cases/nodedev-vport_ops-empty.xml', 'utf8');
  expect(validateDocument(text)).toEqual([]);
  expect(parseNodeDevice(text).capabilities).toMatchObject([
    { kind: 'scsi_host', capabilities: [{ kind: 'vport_ops', maxVports: 0, vports: 0 }] },
  ]);
});
