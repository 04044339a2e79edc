import type { outlineOfDomain } from '../../src/domain/domain-outline.ts';
import { functionOf, readDomain } from '../../src/domain/domain.ts';
import { usageOf } from '../../src/domain/usage.ts';
import { NodedevError } from '../../src/errors.ts';
import { attributeOf } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';

/** What the reader of documents says of a domain's text; undefined where it refuses it. */
export function outlineByReader(text: string): ReturnType<typeof outlineOfDomain> {
  try {
    const { root } = readXml(text);
    const { name, uuid, hostdevs } = readDomain(root);
    if (root.name !== 'domain' || name === undefined || name === '') return undefined;
    const mediated = hostdevs.filter(({ form, type }) => form === 'libvirt' && type === 'mdev');
    const unclear = hostdevs.find(
      (one) =>
        attributeOf(one.element, 'type') === undefined ||
        (mediated.includes(one) && one.uuid === undefined),
    );
    const { rebinds = [] } = usageOf(readDomain(root));
    return {
      name,
      uuid,
      mdevs: [...new Set(mediated.flatMap((one) => one.uuid ?? []))],
      functions: [...new Set(hostdevs.flatMap((one) => functionOf(one) ?? []))],
      rebinds: rebinds.length === 0 ? undefined : rebinds,
      unclear: unclear?.location?.line,
    };
  } catch (error) {
    if (error instanceof NodedevError) return undefined;
    throw error;
  }
}
