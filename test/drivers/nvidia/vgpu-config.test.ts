import { describe, expect, it } from 'vitest';
import { vgpuConfig } from '../../../src/drivers/nvidia/vgpu-config.ts';
import { readXml } from '../../../src/xml/read.ts';

const vgpuType = (id: number, name: string, body: string, kind = 'Quadro'): string =>
  `<vgpuType id="${id}" name="${name}" class="${kind}">
     <devId vendorId="0x10de" deviceId="0x26B9" subsystemVendorId="0x10de" subsystemId="0x1"/>${body}</vgpuType>`;
const pgpu = (device: string, subsystem: string, vgpus: string): string =>
  `<pgpu fractionalMultiVgpu="1"><devId vendorId="0x10de" deviceId="${device}" subsystemVendorId="0x10de" subsystemId="${subsystem}"></devId>${vgpus}</pgpu>`;
const supports = (id: number, most: string): string =>
  `<supportedVgpu vgpuId="${id}"><maxVgpus>${most}</maxVgpus><digest type="signature">00ff</digest></supportedVgpu>`;
const M60_0B =
  '<framebuffer>0x1A000000</framebuffer><fbReservation>0x6000000</fbReservation><profileSize>0x20000000</profileSize><numHeads>2</numHeads><display width="2560" height="1600"></display><frlConfig>0x2d</frlConfig>';

const typesOf = (
  body: string,
  board: Parameters<typeof vgpuConfig.typesOf>[1],
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    vgpuConfig
      .typesOf(readXml(`<vgpuconfig>${body}</vgpuconfig>`).root, board)
      .map(({ id, name, items }) => [
        `${id} ${name}`,
        items.map((item) => `${item.name}=${item.value}`).join(', '),
      ]),
  );

describe('vgpuConfig.xml', () => {
  it('says of a type what the description of a mediated device says, and what the guest gets', () => {
    const body =
      vgpuType(11, 'GRID M60-0B', M60_0B, 'NVS') + pgpu('0x13F2', '0x0', supports(11, '16'));
    expect(typesOf(body, { device: '0x13f2' })).toEqual({
      'nvidia-11 GRID M60-0B':
        'num_heads=2, frl_config=45, framebuffer=512M, guest_framebuffer=416M, max_resolution=2560x1600, max_instance=16, class=NVS',
    });
  });

  it.each([
    [
      'without profileSize the parts are added',
      '<framebuffer>0x59C000000</framebuffer><fbReservation>0x64000000</fbReservation>',
      'framebuffer=24576M, guest_framebuffer=22976M, max_instance=2',
    ],
    [
      'a part alone is not the size',
      '<framebuffer>0x59C000000</framebuffer>',
      'guest_framebuffer=22976M, max_instance=2',
    ],
    [
      'decimal numbers',
      '<profileSize>536870912</profileSize><frlConfig>60</frlConfig>',
      'frl_config=60, framebuffer=512M, max_instance=2',
    ],
    ['odd amounts', '<profileSize>0x100400</profileSize>', 'framebuffer=1025K, max_instance=2'],
    [
      'numbers in no known form',
      '<profileSize>12 GB</profileSize><numHeads>-1</numHeads><frlConfig>0x</frlConfig><display width="a" height="1"/>',
      'max_instance=2',
    ],
  ])('%s', (_, body, expected) => {
    const file = vgpuType(1, 'NVIDIA X-1Q', body, '') + pgpu('0x26B9', '0', supports(1, '2'));
    expect(Object.values(typesOf(file, { device: '0x26b9' }))).toEqual([expected]);
  });

  const two =
    vgpuType(1, 'NVIDIA X-1Q', '') +
    vgpuType(2, 'NVIDIA X-2Q', '') +
    vgpuType(3, 'NVIDIA X-3Q', '') +
    pgpu('0x1E30', '0x0', supports(1, '4')) +
    pgpu('0x1E30', '0x129E', supports(2, '8')) +
    pgpu('0x1E78', '0x13D8', supports(3, '9'));
  it.each([
    [
      'its own subsystem',
      { device: '0x1e30', subsystem: '0x129e' },
      { 'nvidia-2 NVIDIA X-2Q': 'max_instance=8, class=Quadro' },
    ],
    [
      'any subsystem',
      { device: '0x1e30', subsystem: '0x12ba' },
      { 'nvidia-1 NVIDIA X-1Q': 'max_instance=4, class=Quadro' },
    ],
    [
      'a subsystem that cannot be read',
      { device: '0x1e30' },
      { 'nvidia-1 NVIDIA X-1Q': 'max_instance=4, class=Quadro' },
    ],
    ['another subsystem', { device: '0x1e78', subsystem: '0x1' }, {}],
    ['another board', { device: '0x26b9' }, {}],
  ])('a GPU is found by its ids: %s', (_, board, expected) => {
    expect(typesOf(two, board)).toEqual(expected);
  });

  it.each([
    ['no number', '<vgpuType id="x" name="a"/>', 'x'],
    ['0', '<vgpuType id="0" name="a"/>', '0'],
    ['no name', '<vgpuType id="5"/>', '5'],
    ['a name that no terminal should see', '<vgpuType id="5" name="a&#x9b;31m"/>', '5'],
  ])('a type with %s is left out', (_, type, id) => {
    const gpu = pgpu('0x26B9', '0', `<supportedVgpu vgpuId="${id}"/>`);
    expect(typesOf(type + gpu, { device: '0x26b9' })).toEqual({});
  });
});
