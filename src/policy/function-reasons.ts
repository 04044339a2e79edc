import { type AbsentFunction, GENERIC_DRIVER, type Rebinding } from './picture.ts';
import { refused, type Reason } from './verdict.ts';

// The sentences of the policy about PCI functions in domains.

export function functionWithoutType(address: string): Reason {
  return refused(
    'device-inactive',
    `PCI function ${address} has no type, so that no VM can open it`,
    'create a device on it first: its types are those that `types()` shows',
    { about: address },
  );
}

export function functionAbsent({ address, off }: AbsentFunction): Reason {
  const [why, hint] =
    off === undefined
      ? ['', "`list({ capabilities: ['pci'] })` shows what there is"]
      : [
          `: the virtual functions of '${off.name}' are off`,
          `${off.command === undefined ? '' : `\`${off.command}\` turns them on until the next boot; `}a <device> of the GPU in a desired state turns them on, too`,
        ];
  return refused('device-inactive', `PCI function ${address} is not there${why}`, hint, {
    about: address,
  });
}

export function functionRebound(address: string): Reason {
  return refused(
    'device-unusable',
    `PCI function ${address} is not bound to the driver of its GPU, so that it can have no vGPU`,
    'unbinding takes its type, and some drivers serve it again only after the functions of the GPU were turned off and on',
    { about: address },
  );
}

/** libvirt binds a managed device to its own driver. Then the function has no type any more. */
export function functionTaken({ address, by }: Rebinding): Reason {
  const [why, hint] =
    by === 'managed'
      ? ['loses its type when libvirt manages it', "write managed='no'"]
      : [
          `has its type from the driver it is bound to, and ${GENERIC_DRIVER} has none`,
          `leave <driver model='${GENERIC_DRIVER}'/> out`,
        ];
  return refused('function-rebound', `PCI function ${address} ${why}`, hint, { about: address });
}

export function otherOnFunction(
  uuid: string,
  address: string,
  now: string,
  defined: { readonly uuid: string; readonly type: string },
): Reason {
  return refused(
    'device-ambiguous',
    `PCI function ${address} is of type ${now} now, but ${defined.uuid} is defined on it with type ${defined.type}: the domain would get another device`,
    `destroy ${uuid} and start the one that is defined, or undefine that`,
    { about: uuid, inTheWay: [defined.uuid] },
  );
}

export function functionWithDevices(address: string, devices: readonly string[]): Reason {
  const shown = devices.slice(0, 4);
  const more = devices.length > shown.length ? ` and ${devices.length - shown.length} more` : '';
  return refused(
    'function-in-use',
    `PCI device ${address} is given as a whole, but its driver has mediated devices on it: ${shown.join(', ')}${more}`,
    'libvirt would unbind the driver, and its mediated devices would go: destroy and undefine them first, or give the domain one of them instead',
    { about: address, inTheWay: devices },
  );
}
