import type { Issue } from '../../errors.ts';
import type { NodeDevice } from '../../nodedev/device.ts';
import type { XmlElement } from '../../xml/element.ts';

/**
 * Warnings about elements that are ignored. Like libvirt, we ignore unknown elements of a device and of its mdev
 * capability, unless the document is validated. Without a warning, `<attribute>` instead of `<attr>` would go unnoticed.
 */
export function ignoredElements(devices: readonly NodeDevice[]): readonly Issue[] {
  return devices.flatMap(({ capabilities, extra }) => [
    ...extra.map((element) => ignored(element, '<device>')),
    ...capabilities.flatMap((capability) =>
      capability.kind === 'mdev'
        ? [
            ...capability.extra.map((element) => ignored(element, "<capability type='mdev'>")),
            ...capability.types.flatMap((type) =>
              type.extra.map((element) => ignored(element, '<type>')),
            ),
          ]
        : [],
    ),
  ]);
}

function ignored({ name, location }: XmlElement, parent: string): Issue {
  return {
    code: 'element-ignored',
    severity: 'warning',
    message: `<${name}> in ${parent} is ignored`,
    location,
    hint: '`validateDocument(xml)` tells what may stand there',
  };
}
