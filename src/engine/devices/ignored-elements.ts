import type { Issue, Location } from '../../errors.ts';
import type { NodeDevice } from '../../nodedev/device.ts';
import { locationOf } from '../../nodedev/location.ts';

/**
 * Warnings about elements and attributes that are ignored. Like libvirt, we ignore what is unknown in a device and in its
 * mdev capability, unless the document is validated. Without a warning, `<attribute>` instead of `<attr>` would go unnoticed.
 */
export function ignoredElements(devices: readonly NodeDevice[]): readonly Issue[] {
  return devices.flatMap((device) => [
    ...ignoredIn(device, '<device>'),
    ...device.capabilities.flatMap((capability) =>
      capability.kind === 'mdev'
        ? [
            ...ignoredIn(capability, "<capability type='mdev'>"),
            ...capability.types.flatMap((type) => ignoredIn(type, '<type>')),
          ]
        : [],
    ),
  ]);
}

type Unknown = Pick<NodeDevice, 'extra' | 'extraAttributes'>;

function ignoredIn({ extra, extraAttributes = [] }: Unknown, parent: string): readonly Issue[] {
  return [
    ...extraAttributes.map((attribute) => {
      const { name, element } = attribute;
      const of = element === undefined ? parent : `<${element}>`;
      return ignored(`attribute '${name}' of ${of} is ignored`, locationOf(attribute));
    }),
    ...extra.map(({ name, location }) => ignored(`<${name}> in ${parent} is ignored`, location)),
  ];
}

function ignored(message: string, location: Location | undefined): Issue {
  return {
    code: 'element-ignored',
    severity: 'warning',
    message,
    location,
    hint: '`validateDocument(xml)` tells what may stand there',
  };
}
