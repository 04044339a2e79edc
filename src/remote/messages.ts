import type { ErrorCode } from '../codes.ts';
import { NodedevError } from '../errors.ts';

/** What goes wrong between two machines. */

/** The version of the messages between client and server; both must have the same. */
export const PROTOCOL = 1;

const error = (code: ErrorCode, message: string, hint: string, cause?: unknown): NodedevError =>
  new NodedevError(code, message, { hint, cause });

/** The other side sent what is no message, or none that belongs here. */
export const protocolError = (what: string): NodedevError =>
  error(
    'protocol-error',
    `the other side does not speak as virt-nodedev does: ${what}`,
    'the same version of virt-nodedev on both machines; if it is, this is a defect',
  );

export const printedText = (line: string): NodedevError =>
  error(
    'protocol-error',
    `not virt-nodedev answers there, but something that prints '${line}'`,
    'commands over ssh must print nothing of their own: look at the start-up files of the shell there (.bashrc), or at a forced command',
  );

export const versionsDiffer = (
  client: { readonly protocol: number; readonly version: string },
  server: { readonly protocol: number; readonly version: string },
): NodedevError =>
  error(
    'protocol-mismatch',
    `virt-nodedev ${client.version} here speaks protocol ${client.protocol}, ` +
      `virt-nodedev ${server.version} there protocol ${server.protocol}`,
    'install the same version of virt-nodedev on both machines',
  );

export const tooLarge = (limit: number): string => `a message is larger than ${limit} bytes`;

export const notSendable = (what: string): NodedevError =>
  error('request-invalid', `${what} cannot be sent to another machine`, 'give plain data');

export const notRemote = (method: string, why: string): NodedevError =>
  error(
    'not-remote',
    `${method} is not possible over ssh: ${why}`,
    'run virt-nodedev on that machine',
  );

export const optionNotRemote = (name: string): NodedevError =>
  error(
    'not-remote',
    `the option ${name} of connect is not possible over ssh: it is a program of this machine`,
    `connect without \`${name}\``,
  );

/** @param only the host that is served; undefined: those of the server's machine */
export const notServed = (only: string | undefined): NodedevError =>
  only === undefined
    ? error(
        'uri-invalid',
        'a server serves hosts of its own machine only',
        'connect to that machine',
      )
    : error(
        'permission-denied',
        `the server there serves ${only} only`,
        'leave the URI after the host away: that host is the default',
      );

/** What is known of a call when the connection is lost. */
export interface Fate {
  readonly method: string;
  readonly changes: boolean;
  /** `sent`: nothing was heard of it; `begun`: the server said that it has it. */
  readonly stage: 'not sent' | 'sent' | 'begun';
  /** The last progress that was reported. */
  readonly progress?: readonly [done: number, total: number] | undefined;
}

export function connectionLost(
  uri: string,
  fate: Fate | undefined,
  cause: NodedevError,
): NodedevError {
  const lost = `the connection to ${uri} is lost (${cause.message})`;
  const known = fate === undefined ? 'events end here' : fateText(fate);
  const mayHaveChanged = fate?.changes === true && fate.stage !== 'not sent';
  const hint = mayHaveChanged
    ? 'connect again and look whether it was done before it is repeated; what a kill left half done, `recover()` there ends'
    : 'connect again';
  return error('connection-lost', `${lost}: ${known}`, hint, cause);
}

function fateText({ method, changes, stage, progress }: Fate): string {
  if (stage === 'not sent') return `${method} was not sent, and nothing was changed`;
  if (!changes) return `${method} changes nothing`;
  if (stage === 'sent')
    return `${method} was sent and not acknowledged; if it arrived, all of it is done or nothing`;
  const steps =
    progress === undefined ? '' : ` (${progress[0]} of ${progress[1]} steps were reported)`;
  return `${method} was sent and acknowledged${steps}; the journal there decides: all of it is done, or nothing will be left of it`;
}

export const clientGone = (): NodedevError =>
  error('connection-lost', 'the client is gone', 'nothing was changed: connect again');
