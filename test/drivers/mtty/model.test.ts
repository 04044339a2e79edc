import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { mtty } from '../../../src/drivers/mtty/driver.ts';
import { IRQ_SET } from '../../../src/host/vfio/constants.ts';
import type { VfioDevice } from '../../../src/host/vfio/device.ts';
import { le32, plugged, setLe32 } from '../../host/vfio/plugged.ts';
import { mttyTypes } from './types.ts';

let device: VfioDevice;
let interrupts = 0;

const card = (id: string): VfioDevice => {
  const type = mttyTypes.find((each) => each.id === id);
  const opened = plugged(type && mtty.model?.(type));
  interrupts = 0;
  opened.setIrqs({
    flags: IRQ_SET.trigger | IRQ_SET.eventfd,
    index: 0,
    start: 0,
    count: 1,
    signals: [() => void (interrupts += 1)],
  });
  return opened;
};
const unmask = () =>
  device.setIrqs({ flags: IRQ_SET.unmask | IRQ_SET.none, index: 0, start: 0, count: 1 });
const r = (register: number, port = 0): number => device.read(port, register, 1)[0] ?? -1;
const w = (register: number, value: number, port = 0) =>
  device.write(port, register, new Uint8Array([value]));

beforeEach(() => {
  device = card('mtty-1');
});

describe.each([
  ['mtty-1', 1],
  ['mtty-2', 2],
])('%s', (id, ports) => {
  it('is a PCI card', () => {
    device = card(id);
    expect(le32(device, 7, 0)).toBe(0x3253_4348);
    expect(le32(device, 7, 8)).toBe(0x0700_0200);
    expect([...device.read(7, 0x3d, 1)]).toEqual([1]);
    expect(device.irqInfo(0).count).toBe(1);
    for (let bar = 0; bar < 6; bar += 1) {
      expect(device.regionInfo(bar).size).toBe(bar < ports ? 8 : 0);
      setLe32(device, 7, 0x10 + 4 * bar, 0xffff_ffff);
      expect(le32(device, 7, 0x10 + 4 * bar)).toBe(bar < ports ? 0xffff_fff9 : 0);
    }
  });
});

/** What is written (`w register value`) and read (`r register value`), in hexadecimal, from a reset on. */
it.each([
  ['registers after a reset', 'r1=0 r2=1 r3=0 r4=0 r5=60 r6=0 r7=0'],
  ['the scratch register', 'w7=a5 r7=a5'],
  ['IER keeps 4 bits, MCR 5', 'w1=ff r1=f w4=ff r4=1f'],
  ['the divisor is behind DLAB', 'w3=83 w0=1 w1=2 w3=3 w1=5 r1=5 r5=60 w3=83 r0=1 r1=2'],
  ['what is sent is received', 'w3=3 w0=68 r5=61 r0=68 r5=60 r0=0'],
  [
    'characters have as many bits as LCR says',
    'w0=ff r0=1f w3=1 w0=ff r0=3f w3=2 w0=ff r0=7f w3=3 w0=ff r0=ff',
  ],
  [
    'without FIFOs a second character replaces the first',
    'w3=3 w0=41 w0=42 r5=63 r5=61 r0=42 r5=60',
  ],
  ['FIFOs show in IIR', 'w2=1 r2=c1 w2=0 r2=1'],
  ['FCR does nothing without its first bit', 'w2=c0 r2=1 w3=3 w1=1 w0=41 r2=4'],
  ['the FIFO keeps the order', 'w2=1 w3=3 w0=41 w0=42 w0=43 r0=41 r0=42 r0=43 r5=60'],
  ['FCR empties the receiver', 'w2=1 w3=3 w0=41 w2=3 r5=60'],
  ['switching FIFOs on or off empties the receiver', 'w3=3 w0=41 w2=1 r5=60 w0=41 w2=0 r5=60'],
  ['a received character interrupts', 'w3=3 w1=1 r2=1 w0=41 r2=4 r0=41 r2=1'],
  [
    'below the trigger level it is a timeout',
    'w2=41 w3=3 w1=1 w0=1 w0=2 w0=3 r2=cc w0=4 r2=c4 r0=1 r2=cc',
  ],
  ['enabling THRE interrupts once', 'w1=2 r2=2 r2=1 w1=0 w1=2 r2=2 r2=1'],
  ['sending interrupts again', 'w3=3 w1=2 r2=2 w0=41 r2=2 r2=1'],
  ['an overrun comes before received characters', 'w3=3 w1=5 w0=41 w0=42 r2=6 r5=63 r2=4'],
  ['received characters come before THRE', 'w3=3 w1=3 w0=41 r2=4 r0=41 r2=2'],
  ['THRE comes before the modem lines', 'w1=a w4=1 r2=2 r2=0 r6=aa r2=1'],
  ['a break is a 0 with BI, once', 'w3=3 w1=4 w3=43 r2=6 r5=71 r5=61 r0=0 r5=60 w3=43 r5=60'],
  [
    'a break in the FIFO waits for its turn',
    'w2=1 w3=3 w0=41 w3=43 r5=e1 r0=41 r5=f1 r5=61 r0=0 r5=60',
  ],
  ['the plug', 'w4=1 r6=aa r6=a0 w4=3 r6=b1 w4=0 r6=b r6=0'],
  ['loopback mode', 'w4=1a r6=99 w4=10 r6=9 w4=14 r6=40 w4=10 r6=4 w4=11 r6=22'],
  ['LSR and MSR are not written', 'w5=ff r5=60 w6=ff r6=0'],
])('%s', (_what, script) => {
  const happened = script.split(' ').map((step) => {
    const [, call, register, value = ''] = /^(\w)(\d)=(\w+)$/.exec(step) ?? [];
    if (call === 'r') return `r${register}=${r(Number(register)).toString(16)}`;
    w(Number(register), Number.parseInt(value, 16));
    return step;
  });
  expect(happened.join(' ')).toBe(script);
});

it('loses what the FIFO has no room for', () => {
  w(2, 0xc1);
  w(3, 3);
  w(1, 1);
  for (let sent = 1; sent <= 20; sent += 1) w(0, sent);
  expect(r(5)).toBe(0x63);
  const received = Array.from({ length: 16 }, () => r(0));
  expect(received).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
  expect(r(5)).toBe(0x60);
});

it('echoes whatever is sent in pieces of at most 16, by interrupts alone', () => {
  w(2, 0x81);
  w(3, 3);
  w(4, 0x0b);
  w(1, 1);
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 16 }), { maxLength: 20 });
  fc.assert(
    fc.property(pieces, (sent) => {
      for (const piece of sent) {
        interrupts = 0;
        for (const byte of piece) w(0, byte);
        expect(interrupts).toBe(1);
        const received: number[] = [];
        while ((r(2) & 1) === 0) received.push(r(0));
        unmask();
        expect(received).toEqual([...piece]);
      }
    }),
  );
});

it('has ports that do not hear each other, and one interrupt', () => {
  device = card('mtty-2');
  for (const port of [0, 1]) {
    w(3, 3, port);
    w(1, 1, port);
  }
  w(0, 0x41, 0);
  w(0, 0x42, 1);
  expect(interrupts).toBe(1);
  expect([r(0, 0), r(5, 0)]).toEqual([0x41, 0x60]);
  unmask();
  expect(interrupts).toBe(2);
  expect([r(0, 1), r(5, 1)]).toEqual([0x42, 0x60]);
  unmask();
  expect(interrupts).toBe(2);
});

it('reads several registers at once', () => {
  w(7, 0x12);
  w(3, 0x03);
  expect(le32(device, 0, 4)).toBe(0x1200_6000);
  setLe32(device, 0, 0, 0x1b00_0541);
  expect([r(0), r(1), r(3)]).toEqual([0x41, 0x05, 0x1b]);
});

it('forgets all when it is reset', () => {
  setLe32(device, 7, 0x10, 0xc001);
  w(1, 1);
  w(7, 1);
  w(0, 0x41);
  device.reset();
  unmask();
  expect([r(0), r(1), r(2), r(5), r(7), interrupts]).toEqual([0, 0, 1, 0x60, 0, 1]);
  expect(le32(device, 7, 0x10)).toBe(1);
});

it.each(['mtty-0', 'mtty-3', 'mtty'])('has no device of %s', (id) => {
  expect(mtty.model?.({ id, deviceApi: 'vfio-pci' })).toBeUndefined();
});
