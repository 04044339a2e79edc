import type { Issue, NodedevError } from '../../errors.ts';
import type { BrokenRule } from '../../host/diagnosis.ts';
import { type Host, HostError, type HostParent, takesType } from '../../host/host.ts';
import { mdevName } from '../../nodedev/names.ts';
import { nearMiss } from '../../suggest.ts';
import { deviceName } from '../devices/inventory.ts';
import type { StoredDefinition } from '../definitions/definitions.ts';
import { offCardOf, offCards } from '../setup/off-cards.ts';
import { functionsOff } from '../wording/setup-messages.ts';
import { finding } from './findings.ts';
import type { ExaminedHost } from './examined-host.ts';

/** Definition files that cannot be read, and definitions that cannot be started. */
export function checkDefinitions(examined: ExaminedHost): readonly Issue[] {
  const { definitions } = examined;
  return [
    ...definitions.problems.map(unreadable),
    ...definitions.items.flatMap((stored) => checkPlace(examined, stored) ?? []),
    ...definitions.items.flatMap((stored) => checkFunction(examined, stored) ?? []),
  ];
}

function unreadable({ code, message, hint, location }: NodedevError): Issue {
  const kind =
    code === 'permission-denied' ? 'doctor-definition-hidden' : 'doctor-definition-unreadable';
  return finding(kind, message, { hint, location });
}

function checkPlace(
  { host, parents }: ExaminedHost,
  { parent: address, uuid, path, definition }: StoredDefinition,
): Issue | undefined {
  const parent = parents.items.find((candidate) => candidate.address === address);
  const remove = `\`undefine('${mdevName(uuid, address)}')\` removes the definition`;
  if (parent === undefined) {
    const off = offCardOf(offCards(host), address);
    if (off !== undefined) {
      const { message, hint } = functionsOff(off);
      return finding('doctor-definition-parent', `${path}: ${message}`, { hint });
    }
    if (parents.unreadable.some((error) => error.path.endsWith(`/${address}`))) return undefined;
    const near = nearMiss(
      address,
      parents.items.map((candidate) => candidate.address),
    );
    // It is on its bus, but no driver has made it a parent.
    if (host.hasDevice(address)) {
      return finding(
        'doctor-definition-parent',
        `${path}: its parent '${address}' is bound to no driver that offers types`,
        { hint: `load and bind its driver; ${remove}` },
      );
    }
    return finding('doctor-definition-parent', `${path}: its parent '${address}' is not there`, {
      hint: `${near === undefined ? 'is its driver loaded?' : `is it '${near}' now?`} ${remove}`,
    });
  }
  if (offers(host, parent, definition.type)) return undefined;
  return finding(
    'doctor-definition-type',
    `${path}: '${address}' does not offer the type '${definition.type}'`,
    { hint: `\`types({ parent: '${address}' })\` shows its types; ${remove}` },
  );
}

/** A function that has a type of a device that nobody defined on it: what is defined there cannot be started. */
function checkFunction(
  { parents, devices, defined }: ExaminedHost,
  { parent: address, uuid, path, definition }: StoredDefinition,
): Issue | undefined {
  const parent = parents.items.find((candidate) => candidate.address === address);
  if (parent === undefined || !takesType(parent)) return undefined;
  const taken = devices.items.find(({ ref }) => ref.parent === address);
  // One of the same type serves the same VM, whoever made it.
  if (taken === undefined || taken.ref.uuid === uuid || taken.type === definition.type)
    return undefined;
  if (defined.has(deviceName(taken))) return undefined;
  const name = deviceName(taken);
  const message = `${path}: the device of type ${definition.type} cannot be started: its function has the type ${taken.type} (${name})`;
  return finding('doctor-definition-function', message, {
    hint: `\`destroy('${name}', { adopt: true })\` takes that type, if nobody needs it`,
  });
}

/** Whether a parent offers a type. An unreadable type counts as offered: the definition is not to blame. */
function offers(host: Host, parent: HostParent, type: string): boolean {
  try {
    return host.type(parent, type) !== undefined;
  } catch (error) {
    if (error instanceof HostError) return true;
    throw error;
  }
}

/** udev rules that should start devices at boot, but cannot. */
export function checkAutostart({ host }: ExaminedHost): readonly Issue[] {
  return host
    .brokenRules()
    .map((rule) =>
      finding(
        'doctor-autostart-rule',
        `${rule.file}:${rule.line}: runs ${rule.program}, which does not exist: devices are not started when their parent appears`,
        { hint: repairOf(rule) },
      ),
    );
}

/** How to repair a rule: a copy in /etc replaces it, and stays when its package is updated (udev(7)). */
function repairOf({ file, program, elsewhere }: BrokenRule): string {
  if (elsewhere === undefined) return `install the package that has ${program}, or remove the rule`;
  const name = file.slice(file.lastIndexOf('/') + 1);
  const change = `s|${program}|${elsewhere}|g`;
  const edit = file.startsWith('/etc/')
    ? `sed -i '${change}' ${file}`
    : `sed '${change}' ${file} > /etc/udev/rules.d/${name}`;
  return `it is at ${elsewhere}: \`${edit} && udevadm control --reload\``;
}
