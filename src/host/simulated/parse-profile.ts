import { describedTypes } from '../../drivers/described-types.ts';
import { isNotLoaded } from '../../drivers/not-loaded.ts';
import { functionsNamed, type ModuleDrivers, profileDriver } from '../../drivers/registry.ts';
import type { CardType, Driver, FunctionFiles } from '../../drivers/driver.ts';
import { NodedevError } from '../../errors.ts';
import { deviceClass } from '../../nodedev/device-class.ts';
import type { Capability, NamedValue, NodeDevice } from '../../nodedev/device.ts';
import { parseNodeDeviceElement } from '../../nodedev/parse.ts';
import { attributeOf, childElements, textOf, type XmlElement } from '../../xml/element.ts';
import { readXml } from '../../xml/read.ts';
import type { NumaNode } from '../host.ts';
import { readNumberSet } from '../sysfs/number-set.ts';
import { formatPciAddress } from '../sysfs/pci-address.ts';
import { isAttributeName } from '../sysfs/paths.ts';
import { isTypeFile } from '../sysfs/paths.ts';
import { isFileName } from '../tree.ts';
import { cardIssues, PROFILE_HINT } from './card-settings.ts';
import { checkProfile } from './check-profile.ts';
import { kernelRules } from './kernel.ts';
import type { HostProfile, Layout, ProfileCard, ProfileParent } from './profile.ts';
import { baseName } from '../tree.ts';

const DEVICE_APIS: ReadonlySet<string> = new Set([
  'vfio-pci',
  'vfio-ccw',
  'vfio-ap',
  'virtio-mdev',
]);

export const isDeviceApi = (word: string): boolean => DEVICE_APIS.has(word);

/**
 * Reads a host profile. samples/hosts/README.md describes the format. Everything unknown is refused.
 *
 * @param layout of the host that is made of it
 * @throws NodedevError `profile-invalid`, the reader's `xml-*` codes, or `nodedev-invalid` for a device, with location
 */
export function parseProfile(
  text: string | Uint8Array,
  file?: string,
  options?: ProfileOptions,
): HostProfile {
  return readProfile(readXml(text, { name: 'profile', file }).root, options);
}

/** What a profile does not say itself. */
export interface ProfileOptions {
  readonly layout?: Layout | undefined;
  /** Its drivers that are files. */
  readonly modules?: ModuleDrivers | undefined;
}

/** {@link parseProfile} for a document that has already been read. */
export function readProfile(
  root: XmlElement,
  { layout, modules }: ProfileOptions = {},
): HostProfile {
  if (root.name !== 'host') throw invalid(root, `The profile is a <${root.name}>, not a <host>`);
  expectOnly(root, [], ['name', 'kernel', 'node', 'types', 'device', 'card']);
  const lists = new Map<string, readonly CardType[]>();
  for (const element of childElements(root, 'types')) {
    const name = requireAttribute(element, 'name');
    if (lists.has(name)) throw invalid(element, `There are two lists of types '${name}'`);
    lists.set(name, parseTypes(element));
  }
  const [issue] = cardIssues(root, modules);
  if (issue !== undefined) throw invalid(issue, issue.message);
  const devices = childElements(root, 'device').map((element) => parseNodeDeviceElement(element));
  const profile = {
    name: requireChild(root, 'name'),
    kernel: parseKernel(root),
    layout,
    nodes: parseNodes(root),
    devices,
    cards: childElements(root, 'card').map((element) => {
      const card = parseCard(element, lists, modules);
      return bootsOff(card, devices) ? { ...card, bootsOff: true as const } : card;
    }),
  };
  const problem = checkProfile(profile);
  if (problem !== undefined) throw invalid(root, problem);
  return profile;
}

function parseKernel(root: XmlElement): string | undefined {
  const [element, second] = childElements(root, 'kernel');
  if (element === undefined) return undefined;
  if (second !== undefined) throw invalid(second, 'There are two <kernel>');
  expectOnly(element, ['version'], []);
  const version = requireAttribute(element, 'version');
  if (kernelRules(version) !== undefined) return version;
  throw invalid(element, `Kernel '${version}' is none with mediated devices: 4.10 is the first`);
}

function parseNodes(root: XmlElement): readonly NumaNode[] {
  const nodes = childElements(root, 'node').map((element): NumaNode => {
    expectOnly(element, ['id', 'cpus'], []);
    const id = requireAttribute(element, 'id');
    const cpus = readNumberSet(attributeOf(element, 'cpus') ?? '');
    if (!/^\d{1,4}$/.test(id) || cpus === undefined) {
      throw invalid(element, '<node> has a number as id, and CPUs such as 0-3,8');
    }
    return { id: Number(id), cpus };
  });
  const ids = nodes.map(({ id }) => id);
  const repeated = ids.find((id, index) => ids.indexOf(id) < index);
  if (repeated !== undefined) throw invalid(root, `There are two nodes ${repeated}`);
  return nodes.toSorted((one, other) => one.id - other.id);
}

function parseTypes(list: XmlElement): readonly CardType[] {
  expectOnly(list, ['name'], ['type']);
  const types = childElements(list, 'type').map(parseType);
  const repeated = types.find(({ id }, index) => types.findIndex((type) => type.id === id) < index);
  if (repeated !== undefined) throw invalid(list, `There are two types '${repeated.id}'`);
  if (types.length === 0) throw invalid(list, 'A list of types has at least one <type>');
  return types;
}

function parseType(element: XmlElement): CardType {
  expectOnly(
    element,
    ['id'],
    ['name', 'deviceAPI', 'availableInstances', 'description', 'attr', 'attribute'],
  );
  const id = requireAttribute(element, 'id');
  if (!isFileName(id)) throw invalid(element, `'${id}' can be no directory, so no type`);
  const deviceApi = requireChild(element, 'deviceAPI');
  if (!isDeviceApi(deviceApi)) {
    throw invalid(
      element,
      `<deviceAPI> is '${deviceApi}', but takes ${[...DEVICE_APIS].join(', ')}`,
    );
  }
  return {
    id,
    name: optionalChild(element, 'name'),
    deviceApi,
    description: optionalChild(element, 'description'),
    files: parseTypeFiles(element),
    instances: parseInstances(element),
    attributes: parseAttributes(element),
  };
}

/** The other files of the type's directory. */
function parseTypeFiles(element: XmlElement): readonly NamedValue[] | undefined {
  const files = childElements(element, 'attribute').map((file): NamedValue => {
    expectOnly(file, ['name', 'value'], []);
    const name = requireAttribute(file, 'name');
    if (isTypeFile(name)) return { name, value: attributeOf(file, 'value') ?? '' };
    throw invalid(file, `'${name}' can be no file of a vendor in a type's directory`);
  });
  const twice = files.find(
    ({ name }, index) => files.findIndex((one) => one.name === name) < index,
  );
  if (twice !== undefined) throw invalid(element, `There are two files '${twice.name}'`);
  return files.length === 0 ? undefined : files;
}

/** How many there are on an empty card: at most as many as the rules of the generic driver can count. */
function parseInstances(element: XmlElement): number | undefined {
  const text = optionalChild(element, 'availableInstances');
  if (text === undefined || /^\d{1,6}$/.test(text)) return text === undefined ? text : Number(text);
  throw invalid(
    element,
    `<availableInstances> is '${text}', but takes a decimal number up to 999999`,
  );
}

function parseAttributes(element: XmlElement): readonly NamedValue[] | undefined {
  const attributes = childElements(element, 'attr').map((attr): NamedValue => {
    expectOnly(attr, ['name', 'value'], []);
    const name = requireAttribute(attr, 'name');
    if (!isAttributeName(name)) throw invalid(attr, `'${name}' can be no attribute of a device`);
    return { name, value: attributeOf(attr, 'value') ?? '' };
  });
  const paths = attributes.flatMap(({ name }) => [name, ...name.split('/').slice(0, -1)]);
  const clash = attributes.find(({ name }) => paths.indexOf(name) !== paths.lastIndexOf(name));
  if (clash !== undefined) throw invalid(element, `Two things would be at '${clash.name}'`);
  return attributes.length === 0 ? undefined : attributes;
}

function parseCard(
  element: XmlElement,
  lists: ReadonlyMap<string, readonly CardType[]>,
  modules: ModuleDrivers | undefined,
): ProfileCard {
  expectOnly(element, ['driver', 'types'], ['setting', 'device']);
  const name = requireAttribute(element, 'driver');
  const driver = profileDriver(name, modules);
  const functions = functionsNamed(name);
  if (driver === undefined) throw invalid(element, `The rules of driver '${name}' are not known`);
  const list = requireAttribute(element, 'types');
  const types = lists.get(list);
  if (types === undefined) throw invalid(element, `There is no list of types '${list}'`);
  const problem = types
    .map((type) => typeProblem(driver, functions, type))
    .find((each) => each !== undefined);
  if (problem !== undefined) throw invalid(element, problem);
  const values = childElements(element, 'setting').map((setting) => {
    expectOnly(setting, ['name', 'value'], []);
    return [requireAttribute(setting, 'name'), requireAttribute(setting, 'value')] as const;
  });
  const settings = Object.fromEntries(values);
  const empty = { parents: [], types, devices: [], settings };
  const offered = types.filter((type) => driver.offers?.(empty, type) !== false);
  if (offered.length === 0) {
    throw invalid(element, `With its settings the card has none of the types in '${list}'`);
  }
  const parents = childElements(element, 'device').map(parseParent);
  if (parents.length === 0) throw invalid(element, 'A card has at least one <device>');
  const unbound = functions && parents.find(({ device }) => device.driver !== functions.boundTo);
  if (unbound !== undefined) {
    throw invalid(element, `Function '${unbound.address}' is not bound to '${functions?.boundTo}'`);
  }
  // The driver of functions says no more of a type than its name.
  const bare = offered.map((type) => ({ ...type, description: undefined }));
  const shown = functions === undefined ? offered : describedTypes(driver, bare, new Map());
  return { driver, functions, settings, types: shown, parents };
}

/** Whether a card's functions are off at boot: its physical function names none, as libvirt prints one whose functions are off. */
function bootsOff({ functions, parents }: ProfileCard, devices: readonly NodeDevice[]): boolean {
  const [first] = parents;
  if (functions === undefined || first === undefined) return false;
  const physical = pciPart(first.device, 'phys_function');
  const own = devices.find(
    ({ path = '' }) =>
      physical !== undefined && baseName(path) === formatPciAddress(physical.address),
  );
  return own !== undefined && pciPart(own, 'virt_functions')?.addresses.length === 0;
}

function pciPart<Kind extends 'phys_function' | 'virt_functions'>(
  { capabilities }: NodeDevice,
  kind: Kind,
): Extract<Capability, { readonly kind: Kind }> | undefined {
  const pci = capabilities.find((each) => each.kind === 'pci');
  return pci?.capabilities.find(
    (each): each is Extract<Capability, { readonly kind: Kind }> => each.kind === kind,
  );
}

/** Of a known vendor, the rules say how many devices there are and which attributes they have; of others, the type does. */
function typeProblem(
  driver: Driver,
  functions: FunctionFiles | undefined,
  { id, instances, attributes, deviceApi }: CardType,
): string | undefined {
  if (isNotLoaded(driver)) return undefined;
  const { name, deviceClass: own = 'vfio' } = driver;
  if (deviceClass(deviceApi) !== own) {
    return `Type '${id}' has the device API '${deviceApi}', but the devices of driver '${name}' are of the class ${own}`;
  }
  if (driver.takesAnyType) {
    return instances === undefined
      ? `Type '${id}' has no <availableInstances>, which driver '${driver.name}' needs`
      : undefined;
  }
  const isItsOwn =
    functions === undefined
      ? id.startsWith(`${driver.name}-`)
      : functions.numberOf(id) !== undefined;
  if (!isItsOwn) return `Type '${id}' is no type of driver '${driver.name}'`;
  return instances === undefined && attributes === undefined
    ? undefined
    : `The rules of driver '${driver.name}' say what type '${id}' says with <availableInstances> or <attr>`;
}

function parseParent(element: XmlElement): ProfileParent {
  const device = parseNodeDeviceElement(element);
  const { path } = device;
  if (path === undefined) throw invalid(element, "A card's <device> has a <path>");
  return { address: baseName(path), path, device };
}

/** Refuses unknown attributes, child elements and text. */
function expectOnly(
  element: XmlElement,
  attributes: readonly string[],
  children: readonly string[],
): void {
  const attribute = element.attributes.find(({ name }) => !attributes.includes(name));
  if (attribute !== undefined) {
    throw invalid(element, `<${element.name}> has an unknown attribute '${attribute.name}'`);
  }
  const child = childElements(element).find(({ name }) => !children.includes(name));
  if (child !== undefined) throw invalid(child, `<${element.name}> has an unknown <${child.name}>`);
  if (textOf(element).trim() !== '') throw invalid(element, `<${element.name}> has unknown text`);
}

function requireAttribute(element: XmlElement, name: string): string {
  const value = attributeOf(element, name);
  if (value === undefined || value === '') {
    throw invalid(element, `<${element.name}> has no attribute '${name}'`);
  }
  return value;
}

function optionalChild(element: XmlElement, name: string): string | undefined {
  const [child, second] = childElements(element, name);
  if (second !== undefined) throw invalid(second, `<${element.name}> has two <${name}>`);
  if (child === undefined) return undefined;
  expectNothingBut(child);
  return textOf(child);
}

function requireChild(element: XmlElement, name: string): string {
  const value = optionalChild(element, name);
  if (value === undefined || value === '') {
    throw invalid(element, `<${element.name}> has no <${name}>`);
  }
  return value;
}

function expectNothingBut(element: XmlElement): void {
  const [child] = childElements(element);
  if (child !== undefined || element.attributes.length > 0) {
    throw invalid(element, `<${element.name}> has text only`);
  }
}

function invalid({ location }: Pick<XmlElement, 'location'>, message: string): NodedevError {
  return new NodedevError('profile-invalid', message, {
    location,
    hint: PROFILE_HINT,
  });
}
