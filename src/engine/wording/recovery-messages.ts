import { type Issue, NodedevError } from '../../errors.ts';

// The sentences of recovery.

/** What recovery did with an interrupted operation. `names` are those of devices or groups. */
export function recovered(
  operation: string,
  done: 'undone' | 'finished' | 'nothing',
  names: readonly string[],
): Issue {
  const message = `an interrupted ${operation} ${DONE[done]}: ${[...new Set(names)].join(', ')}`;
  return { code: 'recovered', severity: 'warning', message };
}

const DONE = {
  undone: 'was undone',
  finished: 'was finished',
  nothing: 'had left nothing half done',
} as const;

/** Something that recovery did not change. */
export function recoveryLeft(operation: string, reason: string): Issue {
  return {
    code: 'recovery-left',
    severity: 'error',
    message: `an interrupted ${operation} was not all put right: ${reason}`,
    hint: 'look at it, then destroy, undefine or update it yourself: it is not tried again',
  };
}

export function recoveryFailed(operation: string, id: string, cause: Error): NodedevError {
  return new NodedevError(
    'recovery-failed',
    `an interrupted ${operation} could not be put right: ${cause.message}`,
    {
      hint: `nothing is changed before it is; \`recover()\` tries again (journal entry ${id})`,
      cause,
    },
  );
}
