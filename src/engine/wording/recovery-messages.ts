import { type Issue, NodedevError } from '../../errors.ts';

// The sentences of recovery.

/** What recovery did with an interrupted operation. `names` are those of devices or groups. */
export function recovered(
  operation: string,
  done: keyof typeof DONE,
  names: readonly string[],
): Issue {
  const message = `an interrupted ${operation} ${DONE[done]}: ${[...new Set(names)].join(', ')}`;
  return { code: 'recovered', severity: 'warning', message };
}

const DONE = {
  undone: 'was undone',
  finished: 'was finished',
  nothing: 'had left nothing half done',
  forgotten: 'is forgotten, and stays as it is',
} as const;

/** Something that recovery did not change. */
export function recoveryLeft(operation: string, reason: string, id: string): Issue {
  return {
    code: 'recovery-left',
    severity: 'error',
    message: `an interrupted ${operation} was not all put right: ${reason}`,
    hint: `\`recover()\` tries again what can be tried; put right the rest yourself, then \`recover({ forget: '${id}' })\` ends it`,
  };
}

export function recoveryFailed(operation: string, id: string, cause: Error): NodedevError {
  return new NodedevError(
    'recovery-failed',
    `an interrupted ${operation} could not be put right: ${cause.message}`,
    {
      hint: `nothing is changed before it is: every change and \`recover()\` try again; \`recover({ forget: '${id}' })\` leaves it as it is`,
      cause,
    },
  );
}

export function operationUnknown(id: string): NodedevError {
  return new NodedevError('operation-unknown', `no interrupted operation '${id}'`, {
    hint: '`recover()` tells those that there are',
  });
}

/** A simulated host that was left in the middle of a change, as this user cannot change. */
export function repairFailed(cause: Error): Issue {
  return {
    code: 'recovery-failed',
    severity: 'warning',
    message: `a change of this simulated host was interrupted: ${cause.message}`,
    hint: 'what is shown counts it as done or not done at all; who may change the host puts its files right',
  };
}
