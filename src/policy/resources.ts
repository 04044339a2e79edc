import type { Card } from '../drivers/driver.ts';
import { driverForType } from '../drivers/registry.ts';
import type { ResourceProblem, Taker } from '../drivers/resources.ts';
import type { Severity } from '../errors.ts';
import type { NamedValue } from '../nodedev/device.ts';
import { mdevName } from '../nodedev/names.ts';
import type { Reason } from './verdict.ts';

/** A device on a card, with what it takes of the card by its attributes. */
export interface Tenant {
  readonly uuid: string;
  /** sysfs name of the parent. */
  readonly parent: string;
  /** Undefined: it is not active. `writes`: what is still going to be written to it. */
  readonly active?: Pick<Taker, 'files' | 'writes'> | undefined;
  /** Undefined: it is not defined. */
  readonly defined?:
    | { readonly writes: readonly NamedValue[]; readonly autostart: boolean }
    | undefined;
}

/** A card, and all devices on it, active or defined. */
export interface SharedCard {
  readonly card: Card;
  readonly tenants: readonly Tenant[];
}

/** A device that is to become active, to be changed while it is, or to be defined. */
export interface Wanted extends Taker {
  /** The type's id. */
  readonly type: string;
}

/**
 * May a device take what its attributes say, now? It is refused for what another active device has, the host keeps, or the
 * driver never takes; a notice for what another definition has as well, if this one is new, a warning for what the host does not have.
 *
 * @param doing the beginning of the sentence: `Unable to create mediated device …`
 */
export function mayTake(shared: SharedCard, wanted: Wanted, doing: string): readonly Reason[] {
  const { active, defined } = problemsOf(shared, wanted);
  const said = new Set(active.map(({ by }) => by));
  // A definition was told of the others when it was defined.
  const isDefined = shared.tenants.some(
    ({ uuid, parent, defined: saved }) =>
      saved !== undefined && uuid === wanted.uuid && parent === wanted.parent,
  );
  return [
    ...active.map((problem): Reason => {
      const { write, errno, kind } = problem;
      if (kind === 'absent') return reasonOf(wanted, problem, 'warning', problem.says);
      const writing = write === undefined ? '' : ` writing '${write.value}' to ${write.name}`;
      const facts = errno === undefined ? '' : ` (${errno}${writing})`;
      const message = `${doing}: ${sentence(shared, problem)}${facts}`;
      return { ...reasonOf(wanted, problem, 'error', message), code: 'host-refused' };
    }),
    ...defined
      .filter(({ by }) => !isDefined && !said.has(by))
      .map((problem) => definedReason(wanted, problem, shared, false)),
  ];
}

/** The same for a definition: nothing is refused, since definitions may take turns, and a host may change. */
export function mayDefine(
  shared: SharedCard,
  wanted: Wanted,
  autostart: boolean,
): readonly Reason[] {
  const { active, defined } = problemsOf(shared, wanted);
  const said = new Set(defined.map(({ by }) => by));
  return [
    ...active
      .filter(({ by }) => by === undefined || !said.has(by))
      .map((problem) => {
        const isWarning = problem.kind === 'kept' || problem.kind === 'refused';
        return reasonOf(
          wanted,
          problem,
          isWarning ? 'warning' : 'notice',
          sentence(shared, problem),
        );
      }),
    ...defined.map((problem) => definedReason(wanted, problem, shared, autostart)),
  ];
}

/** Whether a driver has rules for what devices take by their attributes. */
export const takesResources = (type: string): boolean =>
  driverForType(type)?.resourceProblems !== undefined;

/** The problems with active devices and the host, and those with definitions only. */
function problemsOf(
  { card, tenants }: SharedCard,
  wanted: Wanted,
): { readonly active: readonly ResourceProblem[]; readonly defined: readonly ResourceProblem[] } {
  const driver = driverForType(wanted.type);
  const ask = (takers: readonly Taker[]): readonly ResourceProblem[] =>
    driver?.resourceProblems?.(card, wanted, takers) ?? [];
  const others = tenants.filter(
    ({ uuid, parent }) => uuid !== wanted.uuid || parent !== wanted.parent,
  );
  const active = ask(
    others.flatMap(({ uuid, parent, active: now }) =>
      now === undefined ? [] : [{ uuid, parent, ...now }],
    ),
  );
  const defined = ask(
    others.flatMap(({ uuid, parent, defined: saved }) =>
      saved === undefined ? [] : [{ uuid, parent, writes: saved.writes }],
    ),
  );
  return { active, defined: defined.filter(({ kind }) => kind === 'taken') };
}

function definedReason(
  wanted: Wanted,
  problem: ResourceProblem,
  { tenants }: SharedCard,
  autostart: boolean,
): Reason {
  const other = tenants.find(({ uuid, defined }) => uuid === problem.by && defined !== undefined);
  const isBoot = autostart && other?.defined?.autostart === true;
  const why = isBoot
    ? 'both start at boot, and only one of them can'
    : 'only one of them can be active';
  const message = `${problem.says} is also in the definition ${nameOf(other)}: ${why}`;
  return reasonOf(wanted, problem, isBoot ? 'warning' : 'notice', message);
}

const sentence = ({ tenants }: SharedCard, { kind, by, says }: ResourceProblem): string => {
  if (kind !== 'taken') return says;
  return `${says} belongs to ${nameOf(tenants.find(({ uuid, active }) => uuid === by && active !== undefined))}`;
};

const nameOf = (device: Pick<Tenant, 'uuid' | 'parent'> | undefined): string =>
  device === undefined ? '' : mdevName(device.uuid, device.parent);

const reasonOf = (
  { uuid }: Wanted,
  { kind, by, next }: ResourceProblem,
  severity: Severity,
  message: string,
): Reason => ({
  severity,
  code: `resources-${kind}`,
  message,
  hint: next,
  about: uuid,
  inTheWay: by === undefined ? [] : [by],
});
