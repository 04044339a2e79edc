import { NodedevError } from '../errors.ts';

/** What `ssh://[USER@]HOST[:PORT]/[URI]` names. */
export interface SshTarget {
  readonly user?: string | undefined;
  /** A name or an address; of IPv6 without its brackets. */
  readonly host: string;
  readonly port?: number | undefined;
  /** The host there: `sim:///srv/host`. Undefined: that machine. */
  readonly uri?: string | undefined;
}

const SCHEME = 'ssh://';
const FORM =
  /^(?:(?<user>[^/]*)@)?(?<host>\[[^/\]]*\]|[^/:@]*)(?::(?<port>[^/]*))?(?:\/(?<uri>.*))?$/su;
/**
 * No option of ssh (`-`), no blank, no control character, and nothing that a shell reads: ssh puts these words into the
 * commands of its configuration (`ProxyCommand`, `Match exec`), where ssh before 9.6 refuses nothing.
 */
const WORD = /^(?!-)[^\s\p{C}\p{Z}'"`$;&<>|(){}*?!#~=/:,]+(?<!\\)$/u;
const ADDRESS = /^[\da-f:.]+(?:%[\w.-]+)?$/iu;

export const isSshUri = (uri: string): boolean => uri.startsWith(SCHEME);

/** @throws NodedevError `uri-invalid` */
export function parseSshUri(uri: string): SshTarget {
  const {
    user,
    host = '',
    port,
    uri: there = '',
  } = FORM.exec(uri.slice(SCHEME.length))?.groups ?? {};
  const bracketed = /^\[(.*)\]$/su.exec(host)?.[1];
  const isHost = bracketed === undefined ? WORD.test(host) : ADDRESS.test(bracketed);
  if (!isHost) throw invalid(uri, 'HOST');
  if (user !== undefined && !WORD.test(user)) throw invalid(uri, 'USER');
  const number = Number(port ?? 22);
  if (port !== undefined && !(/^\d{1,5}$/u.test(port) && number >= 1 && number <= 65_535)) {
    throw invalid(uri, 'PORT');
  }
  if (isSshUri(there)) throw invalid(uri, 'URI');
  return {
    user,
    host: bracketed ?? host,
    port: port === undefined ? undefined : number,
    uri: there === '' ? undefined : there,
  };
}

const RULES = {
  HOST: 'HOST is a name or an address, IPv6 in brackets; it does not begin with -, and has no blanks and nothing that a shell reads',
  USER: 'USER does not begin with -, and has no blanks and nothing that a shell reads',
  PORT: 'PORT is a number from 1 to 65535',
  URI: 'URI names a host of that machine, sysfs:/// by default; a way over other machines is a ProxyJump of ssh',
} as const;

function invalid(uri: string, part: keyof typeof RULES): NodedevError {
  return new NodedevError('uri-invalid', `'${uri}' is no ssh://[USER@]HOST[:PORT]/[URI]`, {
    hint: RULES[part],
  });
}
