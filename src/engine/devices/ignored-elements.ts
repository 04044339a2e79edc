import type { Issue } from '../../errors.ts';
import type { NodeDevice } from '../../nodedev/device.ts';
import type { XmlElement } from '../../xml/element.ts';

/**
 * Elements of documents that nothing is made of, as warnings: what libvirt does not know in a device or in its mdev
 * capability it ignores (unless it is to validate), so that `<attribute>` for `<attr>` would be lost without a word.
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
