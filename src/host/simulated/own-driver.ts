import { inspect } from 'node:util';
import * as v from 'valibot';
import { type DeviceClass, type Driver, type OwnDriver, VFIO_CALLS } from '../../drivers/driver.ts';
import { NodedevError } from '../../errors.ts';
import { printable } from '../../terminal-text.ts';
import { isAttributeName } from '../sysfs/paths.ts';
import { isFileName } from '../tree.ts';
import { isErrno } from './faults.ts';
import { checkedModel } from './own-model.ts';

type Call = 'function' | 'errno' | 'event' | 'count' | 'files' | 'model';
type Member = 'text' | 'list' | 'flag' | 'object' | Call;

/** What a driver has, and which of it every driver must have. */
const MEMBERS: Readonly<Record<keyof OwnDriver, readonly [Member, 'mandatory' | 'optional']>> = {
  name: ['text', 'mandatory'],
  mdevDriver: ['text', 'mandatory'],
  subsystem: ['text', 'mandatory'],
  deviceClass: ['text', 'optional'],
  countedByCore: ['flag', 'optional'],
  settings: ['list', 'mandatory'],
  available: ['count', 'mandatory'],
  refusal: ['errno', 'mandatory'],
  share: ['function', 'mandatory'],
  explain: ['function', 'mandatory'],
  attributes: ['function', 'mandatory'],
  deviceAttributes: ['files', 'mandatory'],
  hotplugRefusal: ['errno', 'mandatory'],
  guestPci: ['function', 'mandatory'],
  probe: ['errno', 'mandatory'],
  remove: ['event', 'mandatory'],
  open: ['errno', 'optional'],
  close: ['event', 'optional'],
  reset: ['errno', 'optional'],
  params: ['errno', 'optional'],
  loads: ['text', 'optional'],
  paramsAttribute: ['text', 'optional'],
  attributeOrder: ['list', 'optional'],
  displaysByDmabuf: ['flag', 'optional'],
  facts: ['list', 'optional'],
  typeTable: ['list', 'optional'],
  lacking: ['function', 'optional'],
  readName: ['function', 'optional'],
  vmRules: ['list', 'optional'],
  unseen: ['text', 'optional'],
  offers: ['function', 'optional'],
  refusals: ['list', 'optional'],
  oddTypes: ['function', 'optional'],
  frameworks: ['function', 'optional'],
  obstacles: ['function', 'optional'],
  most: ['function', 'optional'],
  attributeWrites: ['object', 'optional'],
  settingsOfHost: ['function', 'optional'],
  resourceProblems: ['function', 'optional'],
  hotplugRule: ['object', 'optional'],
  model: ['model', 'optional'],
};

const isFunction = (value: unknown): value is (...args: unknown[]) => unknown =>
  typeof value === 'function';

const IS: Readonly<Record<Member, readonly [what: string, is: (value: unknown) => boolean]>> = {
  text: ['text', (value) => typeof value === 'string' && value !== ''],
  list: ['list', (value) => Array.isArray(value)],
  flag: ['true or false', (value) => typeof value === 'boolean'],
  object: ['object', (value) => typeof value === 'object' && value !== null],
  function: ['function', isFunction],
  errno: ['function', isFunction],
  event: ['function', isFunction],
  count: ['function', isFunction],
  files: ['function', isFunction],
  model: ['function', isFunction],
};

/** What a call may answer, in words, and what counts where it answers something else; without: that is thrown. */
const ANSWERS: Readonly<
  Record<Exclude<Call, 'function'>, readonly [what: string, is: (answer: unknown) => boolean]>
> = {
  errno: [
    'no errno',
    (answer) =>
      answer === undefined || (typeof answer === 'string' && answer !== 'none' && isErrno(answer)),
  ],
  event: ['', () => true],
  count: [
    'no number of devices',
    (answer) => typeof answer === 'number' && Number.isSafeInteger(answer) && answer >= 0,
  ],
  files: ['not what can be files of a device', (answer) => v.is(filesShape, answer)],
  model: [
    'no function that makes a device',
    (answer) => answer === undefined || isFunction(answer),
  ],
};
const INSTEAD: Readonly<Partial<Record<Call, unknown>>> = {
  errno: 'EIO',
  event: undefined,
  count: 0,
};

const filesShape = v.array(
  v.object({
    name: v.pipe(v.string(), v.check(isAttributeName)),
    value: v.string(),
    mode: v.picklist([0o444, 0o644, 0o200, 0o400, 0o600, 0o664, 0o666, 0o220, 0o440, 0o660]),
  }),
);

/** A name of the kernel's own for modules and drivers, so that a type id `DRIVER-NAME` has one reading. */
const NAME = /^[a-z][a-z0-9_]{0,54}$/;
const CLASSES: ReadonlySet<string> = new Set<DeviceClass>(['vfio', 'virtio']);
const BUSES: ReadonlySet<string> = new Set(['pci', 'css', 'matrix']);

const checked = new WeakMap<object, Map<string, Driver>>();

/**
 * A driver that a program brings, as one whose calls always answer: an errno that is none, and what it throws, is told as a
 * warning of this process and counts as EIO; a count that is none as no room. The same driver gives the same result.
 *
 * @param module how the profile calls its file
 * @throws NodedevError `driver-invalid` (EINVAL, as mdev_register_driver) for what is missing or of a wrong kind
 */
export function checkedDriver(given: object, module?: string): Driver {
  const known = checked.get(given) ?? new Map<string, Driver>();
  const driver = known.get(module ?? '') ?? { ...membersOf(given), module };
  checked.set(given, known.set(module ?? '', driver));
  return driver;
}

function membersOf(given: object): OwnDriver {
  const members: Record<string, unknown> = {};
  for (const [name, [kind, need]] of Object.entries(MEMBERS)) {
    const value: unknown = Reflect.get(given, name);
    if (value === undefined && need === 'optional') continue;
    if (value === undefined) throw invalid(given, `it has no '${name}'`);
    const [what, is] = IS[kind];
    if (!is(value)) throw invalid(given, `its '${name}' is no ${what}`);
    members[name] = isCall(kind) && isFunction(value) ? answering(given, name, kind, value) : value;
  }
  const problem = hasAll(members) ? problemOf(members) : 'it is none';
  const foreign = ['functions', 'setup', 'takesAnyType', 'typeFile'].find((name) => name in given);
  if (foreign !== undefined) {
    throw invalid(given, `it has '${foreign}', which is for drivers of this package`);
  }
  if (!hasAll(members) || problem !== undefined) throw invalid(given, problem ?? '');
  return members;
}

const isCall = (kind: Member): kind is Call => kind === 'function' || Object.hasOwn(ANSWERS, kind);

/** What {@link MEMBERS} asks for is there. */
const hasAll = (members: object): members is OwnDriver => 'name' in members;

function problemOf(driver: OwnDriver): string | undefined {
  const { name, mdevDriver, subsystem, paramsAttribute, deviceClass = 'vfio' } = driver;
  if (!NAME.test(name))
    return "its name is no module's: small letters, digits and _, as in acme_vgpu";
  if (!isFileName(mdevDriver)) return 'its mdevDriver is no file name';
  if (!BUSES.has(subsystem) && subsystem !== name) {
    return `its subsystem is neither ${[...BUSES].join(', ')} nor its own name`;
  }
  if (!CLASSES.has(deviceClass)) return `its deviceClass is neither ${[...CLASSES].join(' nor ')}`;
  const foreign = deviceClass === 'vfio' ? undefined : VFIO_CALLS.find((call) => call in driver);
  if (foreign !== undefined) {
    return `it has '${foreign}', which only devices of the class vfio have, and its deviceClass is ${deviceClass}`;
  }
  if ('params' in driver && paramsAttribute === undefined) {
    return "it has 'params', but no 'paramsAttribute' that is written";
  }
  return paramsAttribute === undefined || isAttributeName(paramsAttribute)
    ? undefined
    : "its 'paramsAttribute' can be no attribute of a device";
}

/** A function of a driver with answers that are believed. */
function answering(
  given: object,
  member: string,
  kind: Call,
  run: (...args: unknown[]) => unknown,
): (...args: unknown[]) => unknown {
  return (...args) => {
    try {
      const answer: unknown = Reflect.apply(run, given, args);
      if (answer instanceof Promise) {
        answer.catch(() => undefined);
        throw new TypeError('it answers with a promise, and has to answer at once');
      }
      const [what, is] = kind === 'function' ? ['', () => true] : ANSWERS[kind];
      if (is(answer)) {
        return kind === 'model' && isFunction(answer)
          ? answering(given, member, 'function', checkedModel(answer))
          : answer;
      }
      throw new TypeError(`it answered ${inspect(answer, { depth: 0 })}, which is ${what}`);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : inspect(cause);
      const message = printable(`driver${calledOf(given)}: ${member} failed: ${why}`);
      if (!(kind in INSTEAD))
        throw new NodedevError('driver-invalid', message, { hint: HINT, cause });
      process.emitWarning(message, 'DriverWarning');
      return INSTEAD[kind];
    }
  };
}

const HINT = 'samples/drivers/README.md says what a driver has';

function calledOf(given: object): string {
  const name: unknown = Reflect.get(given, 'name');
  return typeof name === 'string' ? ` '${name}'` : '';
}

function invalid(given: object, problem: string): NodedevError {
  const message = `Unable to register driver${calledOf(given)}: ${problem} (EINVAL)`;
  return new NodedevError('driver-invalid', message, { hint: HINT });
}
