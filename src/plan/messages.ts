import { type DescribedType, typeSpellings } from '../drivers/type-facts.ts';
import { type Issue, type Location, NodedevError } from '../errors.ts';
import { typeOfFunction } from '../engine/wording/messages.ts';
import { nearMiss } from '../suggest.ts';
import type { Difference } from './difference.ts';
import type { Misfit } from './placement.ts';

/** The sentences of predictions, placements and plans. */

export function malformedRequest(text: string): NodedevError {
  return new NodedevError('request-invalid', `'${text}' is no request`, {
    hint: 'write TYPE, TYPE*COUNT or TYPE*COUNT@PARENT; `types()` lists types and parents',
  });
}

export function parentNeeded(type: string, parents: readonly string[]): NodedevError {
  return new NodedevError('parent-missing', `'${type}' is offered by ${parents.length} parents`, {
    hint: `name one: ${type}@${parents[0] ?? ''}; they are ${parents.join(', ')}`,
  });
}

export function requestMalformed(count: number): NodedevError {
  return new NodedevError('request-invalid', `${count} devices cannot be placed`, {
    hint: 'the count is a whole number from 0',
  });
}

export function affinitiesDiffer(affinities: readonly string[]): NodedevError {
  return new NodedevError(
    'request-invalid',
    `the requests of one group have different affinities: ${affinities.join(', ')}`,
    { hint: 'a group has one affinity' },
  );
}

/** @param conditions how they stand to each other, and where they must be */
export function requestText(
  type: string,
  count: number,
  conditions: readonly (string | undefined)[] = [],
): string {
  const devices = count === 1 ? `one device of ${type}` : `${count} devices of ${type}`;
  const given = conditions.filter((each) => each !== undefined);
  return given.length === 0 ? devices : `${devices} (${given.join(', ')})`;
}

/** The nodes that a card must be on. */
export function onNode(node: number | readonly number[] | undefined): string | undefined {
  return node === undefined ? undefined : `on NUMA node ${[node].flat().join(' or ')}`;
}

export function withoutNode(node: number | readonly number[], type: string): string {
  return `take any NUMA node for ${type}, not only ${[node].flat().join(' or ')}`;
}

export function notAllNear(count: number, type: string, near: readonly number[]): string {
  const nodes = `NUMA node ${near.join(' or ')}`;
  return count === 1
    ? `One device of ${type} has no room on ${nodes}, which was preferred.`
    : `${count} devices of ${type} have no room on ${nodes}, which was preferred.`;
}

export function notEvenAlone(what: string): string {
  return `There is no place for ${what}, even without the other requests.`;
}

export function cardsMissing(count: number): string {
  return `${count} more empty ${count === 1 ? 'card is' : 'cards are'} needed, whatever goes where.`;
}

export function notTogether(what: string, proven: boolean): string {
  return proven
    ? 'Every request has a place when it is alone, but not all together.'
    : `No place was found for ${what} beside the other requests; that there is none is not proven.`;
}

export function oneLess(type: string): string {
  return `ask for one ${type} less`;
}

export function without(affinity: string, group: string): string {
  return `give up ${affinity} for ${group}`;
}

export function destroying(device: string, type: string): string {
  return `destroy ${device} (${type})`;
}

export function leaveOut(requests: readonly string[]): string {
  return `leave out ${requests.join(', ')}`;
}

/** Changes that help together. */
export function together(changes: readonly string[]): string {
  return changes.join(' and ');
}

export function parentGiven(text: string): NodedevError {
  return new NodedevError(
    'request-invalid',
    `'${text}' names a parent, which placement is to find`,
    {
      hint: `write ${text.replace(/@.*$/su, '')}`,
    },
  );
}

export function typeNowhere(wanted: string, types: readonly DescribedType[]): NodedevError {
  const near = nearMiss(wanted, types.flatMap(typeSpellings));
  const names = types.map(({ id, name }) => (name === undefined ? id : `${id} (${name})`));
  return new NodedevError('type-unknown', `no parent offers mdev type '${wanted}'`, {
    hint: `${near === undefined ? '' : `did you mean '${near}'? `}types of this host: ${names.join(', ') || 'none'}`,
  });
}

/** A document asks for a device that differs from the one that has its uuid. */
export function deviceDiffers(
  device: string,
  changes: readonly Difference[],
  location?: Location,
  isFunction = false,
): NodedevError {
  const isTypeOnly = changes.every(({ what }) => what === 'type');
  const differences = changes.map(
    ({ what, before, after }) => `${what} ${before ?? 'none'}, not ${after ?? 'none'}`,
  );
  return new NodedevError(
    'definition-mismatch',
    `'${device}' is another device: ${differences.join('; ')}`,
    {
      location,
      hint:
        isFunction && isTypeOnly
          ? `${typeOfFunction(device)}; with the option \`prune\` it is made anew`
          : 'uuid, parent and type of a device stay; with the option `prune` it is made anew',
    },
  );
}

export function definitionUnreadable(device: string, location?: Location): NodedevError {
  return new NodedevError('definition-invalid', `the definition of '${device}' cannot be read`, {
    location,
    hint: '`doctor()` says why',
  });
}

export function noPlace({ reason, changes }: Misfit, location?: Location): NodedevError {
  return new NodedevError('no-instances', reason, {
    location,
    hint: `what would make it fit: ${changes.join('; or ')}`,
  });
}

/** A device that the plan places on another NUMA node than its domain. */
export function farFromDomain(type: string, parent: string, near: readonly number[]): Issue {
  return {
    code: 'no-instances',
    severity: 'warning',
    message: `a device of ${type} goes to ${parent}, since there is no room ${onNode(near)}, where its domain runs`,
    hint: 'the option node makes a NUMA node a requirement',
  };
}

export function planRefused(refusals: readonly Issue[]): NodedevError {
  return new NodedevError('plan-refused', 'the host cannot be brought to the desired state', {
    hint: 'nothing was changed',
    issues: refusals,
  });
}

export function planUnreadable(file: string | undefined, cause: unknown): NodedevError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new NodedevError('plan-invalid', `${file ?? '<input>'}: no JSON: ${reason}`, {
    hint: PLAN_FILE,
    cause,
  });
}

export function planMalformed(
  file: string | undefined,
  path: string,
  expected: string,
): NodedevError {
  const place = path === '' ? 'it' : path;
  return new NodedevError('plan-invalid', `${file ?? '<input>'}: ${place} is not ${expected}`, {
    hint: PLAN_FILE,
  });
}

const PLAN_FILE = 'a plan is the JSON of what `plan(desired)` returns';

export function setupUnnamed(location?: Location): NodedevError {
  return new NodedevError('nodedev-invalid', 'the <device> that is to be set up has no <name>', {
    location,
    hint: "write the name of the physical function into it; `list({ capabilities: ['pci'] })` lists functions",
  });
}

export function setupTwice(card: string, location?: Location): NodedevError {
  return new NodedevError('nodedev-invalid', `two documents set up '${card}'`, {
    location,
    hint: 'leave one of them',
  });
}

/** A device cannot be planned on a card, because of what is known of it. */
export function cardNotPlanned(card: string, why: string, location?: Location): NodedevError {
  return new NodedevError('parent-unknown', `no device can be planned on '${card}': ${why}`, {
    location,
    hint: 'apply its set-up alone first, then plan its devices',
  });
}
