import { typeDifferences } from '../../drivers/type-differences.ts';
import { type DescribedType, typeSpellings } from '../../drivers/type-facts.ts';
import type { Issue, Location } from '../../errors.ts';
import { NodedevError } from '../../errors.ts';
import { nearMiss } from '../../suggest.ts';
import { libvirtSays } from '../../libvirt-sentences.ts';

// The refusals of documents and requests. They are libvirt's sentences where it has one.

/** Names in quotes, for messages. */
const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

export function sourceInvalid(): NodedevError {
  return new NodedevError('request-invalid', 'a document is a string, or an object with its text', {
    hint: 'bytes of a file: { text: bytes, file: name }',
  });
}

export function unsupportedDevice(location?: Location): NodedevError {
  return new NodedevError('unsupported-device', libvirtSays('unsupported'), {
    location,
    hint: "only mediated devices can be created: the document needs <capability type='mdev'>",
  });
}

export function noFunctions(name: string, count: number, location?: Location): NodedevError {
  return new NodedevError(
    'no-instances',
    `more devices are asked for on '${name}' than its ${count} virtual functions`,
    { location, hint: 'a function takes one device' },
  );
}

/** @param offering the parents that offer the type */
export function parentMissing(
  wanted: string,
  offering: readonly string[],
  location?: Location,
): NodedevError {
  const [first, ...others] = offering;
  const more = others.length === 0 ? '' : '; `types()` lists all that do';
  return new NodedevError('parent-missing', libvirtSays('noParent'), {
    location,
    hint:
      first === undefined
        ? `nothing here offers '${wanted}'; \`types()\` lists what there is`
        : `name what offers '${wanted}' as its parent: ${first}${more}`,
  });
}

export function parentUnknown(
  name: string,
  parents: readonly string[],
  location?: Location,
): NodedevError {
  const near = nearMiss(name, parents);
  return new NodedevError('parent-unknown', libvirtSays('parentUnknown', name), {
    location,
    hint:
      near === undefined
        ? `parents of this host: ${parents.join(', ') || 'none'}`
        : `did you mean '${near}'?`,
    ...(near !== undefined && { fix: { kind: 'value', value: near } }),
  });
}

export function parentWithoutMdev(name: string, location?: Location): NodedevError {
  return new NodedevError(
    'parent-without-mdev',
    `device '${name}' does not support mediated devices`,
    {
      location,
      hint: "its driver has registered no mdev types; `list({ capabilities: ['mdev_types'] })` shows those that have",
    },
  );
}

export function typeUnknown(
  parent: string,
  wanted: string,
  types: readonly DescribedType[],
  location?: Location,
): NodedevError {
  const near = nearMiss(wanted, types.flatMap(typeSpellings));
  const listed = types.map(typeLabel).join(', ') || 'none';
  return new NodedevError(
    'type-unknown',
    `parent '${parent}' does not support mdev type '${wanted}'`,
    {
      location,
      hint: `${near === undefined ? '' : `did you mean '${near}'? `}its types: ${listed}`,
      ...(near !== undefined && { fix: { kind: 'attribute', name: 'id', value: near } }),
    },
  );
}

export function typeAmbiguous(
  parent: string,
  wanted: string,
  types: readonly DescribedType[],
  location?: Location,
): NodedevError {
  const differences = typeDifferences(types);
  return new NodedevError(
    'type-ambiguous',
    `mdev type '${wanted}' of '${parent}' is not unique: ${types.length} types fit`,
    {
      location,
      hint: `name one of: ${types.map((type, index) => typeLabel(type, differences[index] ?? '')).join('; ')}`,
    },
  );
}

const typeLabel = ({ id, name }: DescribedType, more: unknown = ''): string => {
  const details = [name, more].filter((part) => typeof part === 'string' && part !== '');
  return details.length === 0 ? id : `${id} (${details.join(': ')})`;
};

export function noInstances(
  parent: string,
  type: string,
  users: readonly string[],
  rule: string | undefined,
  location?: Location,
): NodedevError {
  const by = users.length === 0 ? '' : ` In the way: ${users.join(', ')}.`;
  return new NodedevError('no-instances', `No available instances of ${type} on ${parent}`, {
    location,
    hint: `${rule ?? 'The driver has none left.'}${by}`,
  });
}

export function uuidExists(uuid: string, where: string, location?: Location): NodedevError {
  return new NodedevError(
    'uuid-exists',
    `a mediated device with uuid ${uuid} already exists: ${where}`,
    {
      location,
      hint: 'leave <uuid> out to have one generated, or destroy the existing device first',
    },
  );
}

/** Of a device that was asked for if there is none, and there is one. */
export const leftAsItIs = (name: string): Issue => ({
  code: 'uuid-exists',
  severity: 'notice',
  message: `${name} is there already, and stays as it is, also where the document says something else of it`,
});

export function uuidTwice(uuid: string, location?: Location): NodedevError {
  return new NodedevError('uuid-exists', `uuid ${uuid} is given to two of the devices to create`, {
    location,
    hint: 'leave <uuid> out to have one generated for each device',
  });
}

export function severalGroups(groups: readonly string[], location?: Location): NodedevError {
  return new NodedevError(
    'nodedev-invalid',
    `devices created together are one group, but the documents name ${quoted(groups)}`,
    { location, hint: 'create each group on its own' },
  );
}

export function nameInvalid(
  what: 'group' | 'device',
  name: string,
  longest: number,
  location?: Location,
): NodedevError {
  return new NodedevError('nodedev-invalid', `invalid ${what} name ${beginning(name)}`, {
    location,
    hint: `1 to ${longest} characters, no control characters or such that turn text around, no '/', not beginning with '.' or '-'`,
  });
}

export function attributeNameInvalid(name: string, location?: Location): NodedevError {
  return new NodedevError('attribute-invalid', `invalid attribute name ${beginning(name)}`, {
    location,
    hint: "the name of a file in the device's directory, as the kernel names it",
  });
}

export function domainNameInvalid(what: 'name' | 'uuid', text: string): NodedevError {
  return new NodedevError('domain-invalid', `invalid domain ${what} ${beginning(text)}`, {
    hint: what === 'name' ? 'name the domain as libvirt does' : undefined,
  });
}

/** The beginning of a text, to recognise it. */
const beginning = (text: string): string => JSON.stringify(text.slice(0, 80));

export function paramsUnsupported(type: string, location?: Location): NodedevError {
  return new NodedevError(
    'params-unsupported',
    `the driver of mdev type '${type}' takes no <params>`,
    {
      location,
      hint: "use <attr name='…' value='…'/> for its sysfs attributes",
    },
  );
}
