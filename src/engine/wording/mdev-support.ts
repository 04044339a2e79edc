import type { Obstacle } from '../../drivers/host-facts.ts';
import { drivers } from '../../drivers/registry.ts';
import { type Issue, NodedevError } from '../../errors.ts';
import type { Diagnosis } from '../../host/diagnosis.ts';
import type { Host } from '../../host/host.ts';
import type { Context } from '../context.ts';
import { offCards } from '../setup/off-cards.ts';
import { functionsOff } from './setup-messages.ts';
import { EXAMPLE_PROFILE } from '../../host/simulated/example-profile.ts';

/**
 * Refuses a real host without parents, because an empty list would not say why. A simulated host may be without parents.
 *
 * @throws NodedevError `no-mdev-support`
 */
export function requireMdevSupport(host: Host, parents = host.parents()): void {
  if (host.kind !== 'sysfs' || parents.items.length > 0 || parents.unreadable.length > 0) return;
  throw noMdevSupport(host.diagnosis(), host.root);
}

/** As {@link requireMdevSupport} where an empty answer is right: why it is empty is told. */
export function tellMdevSupport(
  { host, report }: Pick<Context, 'host' | 'report'>,
  parents = host.parents(),
): void {
  if (host.kind !== 'sysfs' && parents.items.length === 0) {
    for (const card of offCards(host)) {
      const { code, message, hint } = functionsOff(card);
      report({ code, message, hint, severity: 'notice' });
    }
  }
  try {
    requireMdevSupport(host, parents);
  } catch (error) {
    if (!(error instanceof NodedevError) || error.code !== 'no-mdev-support') throw error;
    const { code, message, hint, issues } = error;
    for (const issue of [{ code, message, hint }, ...issues]) {
      report({ ...issue, severity: 'notice' });
    }
  }
}

/** Why a host has no parents: the error is the most likely reason, its issues are the others. */
export function noMdevSupport(diagnosis: Diagnosis, root: string | undefined): NodedevError {
  const [first, ...others] = reasons(diagnosis, root);
  return new NodedevError('no-mdev-support', `no mediated device support: ${first.says}`, {
    hint: `${first.next}; without such hardware, use a simulated host: \`initSimulatedHost('DIR', '${EXAMPLE_PROFILE}')\`, then \`connect('sim:///DIR')\``,
    issues: others.map(({ says, next }): Issue => {
      return { code: 'no-mdev-support', severity: 'notice', message: says, hint: next };
    }),
  });
}

function reasons(
  { sysfs, core, obstacles }: Diagnosis,
  root: string | undefined,
): readonly [Obstacle, ...Obstacle[]] {
  if (!sysfs) {
    return [
      {
        says: `there is no Linux sysfs in ${root ?? '/'}`,
        next: 'connect to a Linux host, or to a directory that holds its sys/',
      },
    ];
  }
  const [first, ...others] = obstacles;
  if (first !== undefined) return [first, ...others];
  return core
    ? [
        {
          says: 'the mdev module is loaded, but no driver has registered a device with it',
          next: "load the driver of your device; `dmesg | grep -i mdev` shows what registered ('MDEV: Registered')",
        },
      ]
    : [
        {
          says: 'the mdev module is not loaded, and no hardware that has mediated devices was found',
          next: `load the driver of your device, which loads mdev: ${orList(drivers.flatMap(({ loads }) => loads ?? []))}`,
        },
      ];
}

/** `a, b, or c` */
function orList(words: readonly string[]): string {
  return words.map((word, index) => (index === words.length - 1 ? `or ${word}` : word)).join(', ');
}
