import { throwIfAborted } from '../engine/aborted.ts';
import type { ConnectOptions } from '../engine/open.ts';
import { packageVersion } from '../host/package-root.ts';
import type { Connection } from '../plan/connection.ts';
import { Client } from './client.ts';
import { optionNotRemote, PROTOCOL, versionsDiffer } from './messages.ts';
import { isMethod, METHODS } from './methods.ts';
import type { Peer } from './peer.ts';
import { initializedShape, read, valueShape } from './protocol.ts';

/** These are called while the host is changed, and their answers are waited for. */
const NOT_REMOTE = ['newUuid', 'now', 'drivers'] as const;

/**
 * A connection to the host that a server serves.
 *
 * @param uri what the connection is called here
 * @param there the URI of the host on the server's machine
 */
export async function connectOver(
  peer: Peer,
  uri: string,
  there: string | undefined,
  options: ConnectOptions = {},
): Promise<Connection> {
  const { dryRun, readOnly, lockTimeout, profileDrivers, overruleScripts, signal } = options;
  let isOpen = false;
  const giveUp = (): void => {
    peer.kill(isOpen);
  };
  signal?.addEventListener('abort', giveUp, { once: true });
  void peer.ended.then(() => signal?.removeEventListener('abort', giveUp));
  try {
    throwIfAborted(signal);
    for (const name of NOT_REMOTE) if (options[name] !== undefined) throw optionNotRemote(name);
    const client = new Client(peer, uri, options);
    const own = { protocol: PROTOCOL, version: packageVersion() };
    const asked = { dryRun, readOnly, lockTimeout, profileDrivers, overruleScripts };
    const answer = await client.request('initialize', { ...own, uri: there, options: asked });
    const server = read(initializedShape, read(valueShape, answer).value);
    if (server.protocol !== PROTOCOL) throw versionsDiffer(own, server);
    isOpen = true;
    return connectionOf(client, uri);
  } catch (error) {
    peer.kill();
    await peer.ended;
    throwIfAborted(signal);
    throw error;
  }
}

/** The methods, from the one list of them. */
function connectionOf(client: Client, uri: string): Connection {
  const close = (): Promise<void> => client.close();
  const calls = Object.keys(METHODS)
    .filter(isMethod)
    .map((name) => [name, (...args: readonly unknown[]) => client.call(name, args)] as const);
  const connection = {
    ...Object.fromEntries(calls),
    uri,
    close,
    [Symbol.asyncDispose]: close,
  };
  if (!hasAll(connection)) throw new TypeError('a method is missing');
  return connection;
}

/** The list has every method, and what the answers are is checked when they come. */
const hasAll = (connection: object): connection is Connection =>
  Object.keys(METHODS).every((name) => name in connection);
