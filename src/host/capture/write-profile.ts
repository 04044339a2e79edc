import type { CardType } from '../../drivers/driver.ts';
import { nodeDeviceElement } from '../../nodedev/format.ts';
import { buildElement, type XmlElement } from '../../xml/element.ts';
import { writeXml } from '../../xml/write.ts';
import { formatNumberSet } from '../sysfs/number-set.ts';
import type { HostProfile, ProfileCard } from '../simulated/profile.ts';

/** A host profile as XML. samples/hosts/README.md describes the format. Throws `xml-unwritable` for what XML cannot hold. */
export function formatProfile({ name, kernel, nodes, devices, cards }: HostProfile): string {
  const lists = new Map<string, string>();
  for (const { types } of cards) {
    const key = JSON.stringify(types);
    if (!lists.has(key)) lists.set(key, `types-${lists.size + 1}`);
  }
  const written = [...new Map(cards.map(({ types }) => [JSON.stringify(types), types]))];
  return writeXml(
    buildElement('host', {}, [
      textElement('name', name),
      ...(kernel === undefined ? [] : [buildElement('kernel', { version: kernel })]),
      ...nodes.map(({ id, cpus }) =>
        buildElement('node', { id: String(id), cpus: formatNumberSet(cpus) }),
      ),
      ...written.map(([key, types]) =>
        buildElement('types', { name: lists.get(key) }, types.map(typeElement)),
      ),
      ...devices.map((device) => nodeDeviceElement(device)),
      ...cards.map((card) => cardElement(card, lists.get(JSON.stringify(card.types)))),
    ]),
  );
}

function cardElement(
  { driver, functions, settings, parents }: ProfileCard,
  types: string | undefined,
): XmlElement {
  return buildElement('card', { driver: driver.module ?? functions?.name ?? driver.name, types }, [
    ...Object.entries(settings).map(([name, value]) => buildElement('setting', { name, value })),
    ...parents.map(({ device }) => nodeDeviceElement(device)),
  ]);
}

/** A type in a list of a profile. */
export function typeElement({
  id,
  name,
  deviceApi,
  description,
  files = [],
  instances,
  attributes = [],
}: CardType): XmlElement {
  return buildElement('type', { id }, [
    name === undefined ? undefined : textElement('name', name),
    textElement('deviceAPI', deviceApi),
    description === undefined ? undefined : textElement('description', description),
    ...files.map((each) => buildElement('attribute', { ...each })),
    instances === undefined ? undefined : textElement('availableInstances', String(instances)),
    ...attributes.map((attribute) => buildElement('attr', { ...attribute })),
  ]);
}

const textElement = (name: string, text: string): XmlElement => buildElement(name, {}, [text]);
