import { explanation, partOf, shares, usedBy } from '../../src/drivers/card.ts';
import { descriptionItems, numberAmong } from '../../src/drivers/description.ts';
import type { Card, CardType, Driver } from '../../src/drivers/driver.ts';
import { gpuObstacles, gpusOf, isParent } from '../../src/drivers/host-facts.ts';
import { numberSetting } from '../../src/drivers/settings.ts';

const CORES = { name: 'cores', default: '8' };
const coresOf = (type: CardType): number =>
  numberAmong(descriptionItems(type.description), 'cores') ?? 0;
const available = (card: Card, _parent: string, type: CardType): number =>
  shares(numberSetting(card, CORES), usedBy(card, coresOf), coresOf(type));

/** A vendor nobody has heard of: a card has cores, and a type takes some of them. What a vendor's folder would hold. */
export const acme: Driver = {
  name: 'acme',
  mdevDriver: 'acme-mdev',
  subsystem: 'pci',
  loads: 'acme_vfio',
  settings: [CORES],
  facts: [
    { key: 'cores', name: 'cores', attribute: 'cores', kind: 'number', summary: 'cores (Acme)' },
  ],
  readName: (name) => ({ shortName: name.replace(/^Acme /, '') }),
  vmRules: [
    {
      name: 'mixed',
      severity: 'error',
      example: 'One device is red, the other blue.',
      summary: 'a domain has one Acme device',
      source: 'https://acme.example/vm',
      conflicts: (types) =>
        types.slice(1).map((_, index) => ({
          device: index + 1,
          other: 0,
          why: 'a VM takes one',
          hint: 'Take a larger one.',
        })),
    },
  ],
  refusals: [
    {
      errno: 'ENOSPC',
      operations: ['create'],
      code: 'no-instances',
      says: 'the card has too few cores left',
      next: 'destroy a device of this card',
      log: 'acmectl log',
    },
  ],
  obstacles: (host) =>
    gpuObstacles(gpusOf(host, '0xacce'), ({ address }) =>
      isParent(host, address)
        ? undefined
        : { noun: 'Acme card', says: 'acme_vfio is not loaded', next: '`modprobe acme_vfio`' },
    ),
  available,
  refusal: (card, parent, type) => (available(card, parent, type) > 0 ? undefined : 'ENOSPC'),
  share: (card, type) => partOf(numberSetting(card, CORES), coresOf(type)),
  explain: (card, parent, type) =>
    explanation({
      available: available(card, parent, type),
      maximum: shares(numberSetting(card, CORES), 0, coresOf(type)),
      rule: `All devices share ${numberSetting(card, CORES)} cores.`,
      blockers: card.devices,
    }),
  attributes: (type) => descriptionItems(type.description),
  deviceAttributes: () => [{ name: 'acme/state', value: 'idle', mode: 0o444 }],
  hotplugRefusal: () => undefined,
  guestPci: () => undefined,
};

/** A host with one such card. */
export const acmeHost = `<host>
  <name>acme</name>
  <types name='a1'>
    <type id='acme-1'>
      <name>Acme Small</name><deviceAPI>vfio-pci</deviceAPI><description>cores=2</description>
    </type>
    <type id='acme-2'>
      <name>Acme Large</name><deviceAPI>vfio-pci</deviceAPI><description>cores=4</description>
    </type>
  </types>
  <card driver='acme' types='a1'>
    <setting name='cores' value='6'/>
    <device>
      <name>pci_0000_05_00_0</name>
      <path>/sys/devices/pci0000:00/0000:05:00.0</path>
      <parent>computer</parent>
      <driver><name>acme</name></driver>
      <capability type='pci'>
        <class>0x030000</class><domain>0</domain><bus>5</bus><slot>0</slot><function>0</function>
        <product id='0x0001'>Anvil</product><vendor id='0xacce'>Acme</vendor>
        <capability type='mdev_types'/>
      </capability>
    </device>
  </card>
</host>`;
