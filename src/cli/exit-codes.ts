import type { ErrorCode } from '../codes.ts';

/** Exit codes besides 0. */
export const EXIT = {
  /** The host or the input refused. */
  failure: 1,
  /** The command line is wrong. */
  usage: 2,
  /** A document is invalid; the same code as that of virt-xml-validate. */
  invalid: 3,
  /** The host is not as desired. */
  drift: 4,
  /** A defect of this program (sysexits.h EX_SOFTWARE). */
  bug: 70,
} as const;

/** All exit codes with their meanings, for help, the man page and the documentation. */
export const exitCodes: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'done; of validate: valid; of diff and assert: as desired'],
  [EXIT.failure, 'refused by the host or the input, or not all of it could be done'],
  [EXIT.usage, 'the command line is wrong'],
  [EXIT.invalid, 'validate: a document is invalid'],
  [EXIT.drift, 'diff and assert: the host is not as desired'],
  [EXIT.bug, 'a defect of virt-nodedev itself; please report it'],
];

/** The refusals that programs tell apart: each kind with the `code` of its errors in JSON. */
export const refusalKinds: readonly (readonly [kind: string, codes: readonly ErrorCode[]])[] = [
  [
    'not found',
    [
      'device-unknown',
      'group-unknown',
      'host-not-found',
      'operation-unknown',
      'parent-unknown',
      'type-unknown',
    ],
  ],
  [
    'there already',
    ['device-active', 'device-defined', 'group-exists', 'name-exists', 'uuid-exists'],
  ],
  ['in use', ['function-in-use', 'group-open', 'group-owned', 'in-use']],
  ['no room', ['no-instances', 'resources-taken']],
  ['host changed', ['plan-stale']],
  ['not permitted', ['permission-denied', 'read-only']],
  ['timeout', ['host-timeout', 'lock-timeout', 'timeout']],
];
