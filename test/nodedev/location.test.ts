import { expect, it } from 'vitest';
import { locationOf } from '../../src/nodedev/location.ts';
import { parseNodeDevice } from '../../src/nodedev/parse.ts';

const XML = `<device>
  <parent>pci_0000_86_00_0</parent>
  <capability type='mdev'>
    <type id='11'/><type id='12'/>
  </capability>
</device>`;

it('knows the location of each object of a document', () => {
  const device = parseNodeDevice(XML, { file: 'vgpu.xml' });
  const mdev = device.capabilities.find((capability) => capability.kind === 'mdev');
  expect(locationOf(device)).toEqual({ file: 'vgpu.xml', line: 1, column: 1 });
  expect(locationOf(device.parent)).toEqual({ file: 'vgpu.xml', line: 2, column: 3 });
  expect(locationOf(mdev)).toEqual({ file: 'vgpu.xml', line: 3, column: 3 });
  expect(mdev?.types.map(locationOf)).toEqual([
    { file: 'vgpu.xml', line: 4, column: 5 },
    { file: 'vgpu.xml', line: 4, column: 20 },
  ]);
});

it('knows nothing of objects a program built', () => {
  expect(locationOf({})).toBeUndefined();
  expect(locationOf(undefined)).toBeUndefined();
});
