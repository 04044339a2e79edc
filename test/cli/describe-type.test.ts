import { expect, it } from 'vitest';
import { describeType } from '../../src/cli/describe-type.ts';

it.each([
  [
    'num_heads=2 frl_config=45 framebuffer=524288 hres=2560 vres=1600',
    '2 heads, 45 fps, 512 MiB, 2560x1600',
  ],
  ['num_heads=1 framebuffer=8388608', '1 head, 8 GiB'],
  ['framebuffer=1000', '1000 KiB'],
  ['framebuffer=lots', 'lots KiB'],
  ['hres=640', '640x?'],
  ['vres=480', '?x480'],
  ['low_gm_size=128MB fence=4', 'low gm size 128MB, fence 4'],
])('%s is %s', (written, expected) => {
  const attributes = written.split(' ').map((item) => {
    const [name = '', value = ''] = item.split('=');
    return { name, value };
  });
  expect(describeType(attributes)).toBe(expected);
});

it('says nothing of a type that says nothing', () => {
  expect(describeType([])).toBe('');
});
