// A driver of one's own: cards with 8 lamps each, of which a device takes some. lamps.xml is a host with such a card:
//   virt-nodedev sim init /tmp/host --profile samples/drivers/lamps.xml --allow-driver
// One file: it may import modules of Node (`node:…`) and nothing else. It runs anew for each command, so it keeps nothing
// itself: what it is asked comes with the card and all its devices.
const LAMPS = 8;
const lampsOf = (/** @type {string} */ id) => Number(id.split('-')[1]); // lamps-4 has four
const used = (/** @type {import('virt-nodedev').Card} */ card) =>
  card.devices.reduce((sum, { type }) => sum + lampsOf(type), 0);
/** @type {import('virt-nodedev').OwnDriver['available']} */
const available = (card, _parent, { id }) => Math.floor((LAMPS - used(card)) / lampsOf(id));

/** @type {import('virt-nodedev').OwnDriver} */
export const driver = {
  name: 'lamps', // its types are called lamps-…
  mdevDriver: 'lamps_vfio', // below /sys/bus/mdev/drivers
  subsystem: 'pci', // the bus of its parents
  settings: [], // of a card: <setting name value> in the profile

  // How many more devices there can be, and the errno when there are none.
  available,
  refusal: (card, parent, type) => (available(card, parent, type) > 0 ? undefined : 'ENOSPC'),
  // The part of an empty card that a device takes, and why there are as many as there are.
  share: (_card, type) => lampsOf(type.id) / LAMPS,
  explain: (card, parent, type) => ({
    available: available(card, parent, type),
    maximum: Math.floor(LAMPS / lampsOf(type.id)),
    confidence: 'exact',
    rule: `A card has ${LAMPS} lamps; ${LAMPS - used(card)} are left.`,
    blockedBy: card.devices.map(({ uuid }) => uuid).toSorted(),
  }),

  // What a type's description says, item by item; the files of a device; the PCI device a guest sees.
  attributes: () => [],
  deviceAttributes: (_uuid, type) => [
    { name: 'lamps/count', value: String(lampsOf(type.id)), mode: 0o444 },
    { name: 'lamps/colour', value: 'white', mode: 0o644 }, // the default <params>
  ],
  paramsAttribute: 'lamps/colour',
  guestPci: () => undefined,

  // What the kernel calls while a device lives. An errno refuses.
  probe: () => undefined,
  remove: () => {},
  open: () => undefined,
  close: () => {},
  reset: () => undefined,
  params: (_card, device, text) => {
    if (device.holder !== undefined) return 'EBUSY'; // a VM looks at the lamps
    return /^(?:white|red|green)\n?$/.test(text) ? undefined : 'EINVAL';
  },
  hotplugRefusal: () => undefined,

  // The device itself, for VMs that use it (`sim attach`). BAR 0 has registers: 0 says how many lamps there are, 4 which are lit, a
  // bit for each. What is written to 8 is an address in the guest's memory, from which the device takes that byte itself.
  model: (type) => (bus) => {
    let lit = 0;
    const light = (/** @type {number} */ bits) => {
      lit = bits & (2 ** lampsOf(type.id) - 1);
      bus.interrupt(true); // until 4 is read
    };
    const lightFrom = async (/** @type {number} */ address) => {
      const page = address - (address % 4096);
      bus.guest.pin(page, 1, { read: true });
      const [bits = 0] = await bus.guest.read(address, 1);
      bus.guest.unpin(page, 1);
      light(bits);
    };
    return {
      ids: { class: 0x088000, vendor: 0x1af4, product: 0x0001 },
      interrupts: true,
      regions: new Map([
        [
          0,
          {
            size: 16,
            read: (offset) => {
              if (offset === 4) bus.interrupt(false);
              return { 0: lampsOf(type.id), 4: lit }[offset] ?? 0;
            },
            write: (offset, _width, value) => {
              if (offset === 4) light(value);
              if (offset === 8) lightFrom(value).catch(() => light(0)); // an address that is not mapped
            },
          },
        ],
      ]),
      reset: () => {
        lit = 0;
        bus.interrupt(false);
      },
    };
  },
};
