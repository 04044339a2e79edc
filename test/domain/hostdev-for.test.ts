import { describe, expect, test } from 'vitest';
import { type HostdevOptions, hostdevFor } from '../../src/domain/hostdev-for.ts';
import type { MdevCapability, NodeDevice } from '../../src/nodedev/device.ts';
import { refusal, UUID } from './support.ts';

function mdevOf(deviceApi: string | undefined, uuid: string | undefined): MdevCapability {
  const type = { id: 'nvidia-11', deviceApi, attributes: [], extra: [] };
  return { kind: 'mdev', types: [type], uuid, attributes: [], extra: [] };
}

function device(...capabilities: readonly MdevCapability[]): NodeDevice {
  return { name: 'my-vgpu', devnodes: [], capabilities, extra: [] };
}

const deviceWith = (deviceApi: string | undefined) => device(mdevOf(deviceApi, UUID));

describe('hostdevFor', () => {
  test.each(['vfio-pci', 'vfio-ccw', 'vfio-ap'])(
    'takes the model from the device API %s',
    (api) => {
      expect(hostdevFor(deviceWith(api))).toEqual({ uuid: UUID, model: api });
    },
  );

  test('takes all options of a vfio-pci device', () => {
    const address = { kind: 'pci', domain: 0, bus: 1, slot: 2, function: 0 } as const;
    const options = { managed: false, display: true, ramfb: true, alias: 'ua-x', address };
    expect(hostdevFor(deviceWith('vfio-pci'), options)).toEqual({
      uuid: UUID,
      model: 'vfio-pci',
      ...options,
    });
  });

  test('takes the model from the options when the device API is not known', () => {
    expect(hostdevFor(deviceWith(undefined), { model: 'vfio-ap' }).model).toBe('vfio-ap');
  });

  const pci = { kind: 'pci', domain: 0, bus: 0, slot: 3, function: 0 } as const;
  const ccw = { kind: 'ccw', cssid: 0xfe, ssid: 0, devno: 1 } as const;
  const refusals: readonly (readonly [string, HostdevOptions, string])[] = [
    ['vfio-platform', {}, "device API 'vfio-platform' not supported yet"],
    [
      'vfio-pci',
      { model: 'vfio-ap' },
      "invalid device API 'vfio-ap' for device my-vgpu: device only supports 'vfio-pci'",
    ],
    [
      'vfio-ccw',
      { display: true },
      "<hostdev> attribute 'display' is only supported with model='vfio-pci'",
    ],
    [
      'vfio-ap',
      { ramfb: false },
      "<hostdev> attribute 'ramfb' is only supported with model='vfio-pci'",
    ],
    ['vfio-pci', { ramfb: true }, 'ramfb=on requires display=on'],
    [
      'vfio-pci',
      { bootOrder: 1 },
      'booting from assigned devices is not supported by mediated devices of model vfio-pci',
    ],
    [
      'vfio-ap',
      { bootOrder: 1 },
      'booting from assigned devices is not supported by mediated devices of model vfio-ap',
    ],
    [
      'vfio-ccw',
      { bootOrder: 0 },
      "Invalid value for attribute 'order' in element 'boot': Zero is not permitted",
    ],
    ['vfio-pci', { alias: 'vgpu' }, "libvirt ignores the alias 'vgpu'"],
    [
      'vfio-pci',
      { address: ccw },
      "Unsupported address type 'ccw' with mediated device model 'vfio-pci'",
    ],
    [
      'vfio-ccw',
      { address: pci },
      "Unsupported address type 'pci' with mediated device model 'vfio-ccw'",
    ],
    [
      'vfio-ap',
      { address: pci },
      "Unsupported address type 'pci' with mediated device model 'vfio-ap'",
    ],
    [
      'vfio-pci',
      { address: { ...pci, slot: 32 } },
      "Invalid PCI address slot='0x20', must be <= 0x1F",
    ],
    [
      'vfio-ccw',
      { address: { ...ccw, ssid: 4 } },
      "Invalid specification for virtio ccw address: cssid='0xfe' ssid='0x4' devno='0x0001'",
    ],
  ];

  test.each(refusals)('%s with %j: %s', (api, options, message) => {
    const error = refusal(() => hostdevFor(deviceWith(api), options));
    expect(error).toMatchObject({ code: 'hostdev-unsupported', message });
    expect(error.hint).toBeDefined();
  });

  test.each([
    ['a device API nobody knows', deviceWith(undefined), 'the device API of my-vgpu is not known'],
    ['no uuid', device(mdevOf('vfio-pci', undefined)), 'my-vgpu has no uuid yet'],
    ['no mdev', device(), 'my-vgpu is not a mediated device'],
  ])('refuses %s', (_, nodeDevice, message) => {
    expect(refusal(() => hostdevFor(nodeDevice))).toMatchObject({
      code: 'hostdev-unsupported',
      message,
    });
  });
});
