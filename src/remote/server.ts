import type { Readable, Writable } from 'node:stream';
import {
  type CancellationToken,
  createMessageConnection,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import type { ConnectOptions } from '../engine/open.ts';
import { connectionClosed } from '../engine/wording/messages.ts';
import { packageVersion } from '../host/package-root.ts';
import { placeOfSignal } from '../plan/check-arguments.ts';
import type { Connection } from '../plan/connection.ts';
import { isSshUri } from './ssh-uri.ts';
import { failureOf, LineReader, LineWriter } from './lines.ts';
import {
  clientGone,
  notRemote,
  notServed,
  PROTOCOL,
  protocolError,
  versionsDiffer,
} from './messages.ts';
import { isMethod, METHODS } from './methods.ts';
import { type Opened, openedBy } from './opened.ts';
import { callShape, initializeShape, read, stopShape } from './protocol.ts';
import { fromJson, type Json, toJson } from './values.ts';

export interface ServeOptions {
  /** Opens the host that the client asks for. */
  readonly open: (uri: string | undefined, options: ConnectOptions) => Promise<Connection>;
  /** The URI of the only host that is served; undefined: any of this machine. */
  readonly only?: string | undefined;
  /** Whether nothing may be changed, whatever the client asks for. */
  readonly readOnly?: boolean | undefined;
  /** Takes what something else writes to the output, such as a driver's console: it must not come between messages. */
  readonly stray: (text: string) => void;
  /** Ends the server, as the end of its input does. */
  readonly signal: AbortSignal;
}

/**
 * Serves one connection to a client, until its stream ends. Then what waits is given up, and what has begun to change the
 * host is brought to its end: when this resolves, nothing is half done.
 */
export async function serveConnection(
  input: Readable,
  output: Writable,
  options: ServeOptions,
): Promise<void> {
  const { signal } = options;
  const rpc = createMessageConnection(new LineReader(input), new LineWriter(output));
  Object.assign(output, { write: strayWriter(options.stray) });
  const session = new Session(rpc, options);
  rpc.onRequest(
    'initialize',
    answering((params) => session.initialize(params)),
  );
  rpc.onRequest(
    'call',
    answering((params, token) => session.call(params, token)),
  );
  rpc.onRequest(
    'stop',
    answering((params) => session.stop(params)),
  );
  rpc.onRequest(
    'close',
    answering(() => session.end(connectionClosed())),
  );
  await new Promise<void>((resolve) => {
    rpc.onClose(resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
    rpc.listen();
  });
  input.pause();
  await session.end(clientGone());
}

/** A handler whose answer is plain data, and whose error has all that a NodedevError says. */
function answering(
  handle: (params: unknown, token: CancellationToken) => Promise<Json | void>,
): (params: unknown, token: CancellationToken) => Promise<{ readonly value?: Json }> {
  return async (params, token) => {
    try {
      return { value: (await handle(params, token)) ?? null };
    } catch (error) {
      throw failureOf(error);
    }
  };
}

/** In the place of a stream's `write`. */
function strayWriter(take: (text: string) => void) {
  return (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    take(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    const done = rest.find((each) => typeof each === 'function');
    if (done !== undefined) queueMicrotask(() => void Reflect.apply(done, undefined, []));
    return true;
  };
}

class Session {
  readonly #rpc: MessageConnection;
  readonly #options: ServeOptions;
  #connection: Promise<Connection> | undefined;
  /** Calls that run, and what ends their waiting. */
  readonly #running = new Map<Promise<unknown>, AbortController>();
  readonly #opened = new Map<number, Opened>();
  #end: Promise<void> | undefined;

  constructor(rpc: MessageConnection, options: ServeOptions) {
    this.#rpc = rpc;
    this.#options = options;
  }

  async initialize(params: unknown): Promise<Json> {
    const { protocol, version, uri, options } = read(initializeShape, params);
    const own = { protocol: PROTOCOL, version: packageVersion() };
    if (protocol !== PROTOCOL) throw versionsDiffer({ protocol, version }, own);
    if (this.#connection !== undefined) throw protocolError('it begins twice');
    const { open, only, readOnly = false } = this.#options;
    if (uri !== undefined && (isSshUri(uri) || uri !== (only ?? uri))) throw notServed(only);
    const isLimited = readOnly || only !== undefined;
    this.#connection = open(only ?? uri, {
      ...options,
      readOnly: readOnly || options.readOnly === true,
      // Who is limited runs no code of his own, and obeys the host's.
      ...(isLimited && { overruleScripts: false }),
      ...(isLimited && options.profileDrivers === 'all' && { profileDrivers: 'trusted' }),
      report: ({ code, message, severity, location, hint }) =>
        void this.#tell('report', { issue: toJson({ code, message, severity, location, hint }) }),
      onChange: () => void this.#tell('change', {}),
    });
    await this.#connection;
    return own;
  }

  async call(params: unknown, token: CancellationToken): Promise<Json> {
    const { number, method, args } = read(callShape, params);
    if (!isMethod(method)) throw protocolError(`there is no method '${method}'`);
    const entry = METHODS[method];
    if (entry.way === 'here') throw notRemote(method, entry.why);
    const connection = await this.#connection;
    if (connection === undefined) throw protocolError('a call comes before the beginning');
    if (this.#end !== undefined) throw connectionClosed();
    if (this.#opened.has(number)) throw protocolError('a number is used twice');
    void this.#tell('begun', { number });
    const controller = new AbortController();
    token.onCancellationRequested(() => controller.abort());
    if (token.isCancellationRequested) controller.abort();
    const given = args.map((each) =>
      fromJson(each, { signal: controller.signal, callback: (to) => this.#callback(to) }),
    );
    // A call that waits is given up when the client is gone, whether or not the client can abort it.
    const place = placeOfSignal(method);
    if (place !== undefined && typeof (given[place] ?? {}) === 'object') {
      given[place] = { ...objectOf(given[place]), signal: controller.signal };
    }
    const running = resultOf(connection, method, given);
    this.#running.set(running, controller);
    try {
      const result = await running;
      if (entry.way === 'call') return toJson(result);
      const opened = openedBy(entry.way, result, controller, {
        item: (value) => this.#tell('item', { number, value }),
        ended: (error) => {
          this.#opened.delete(number);
          void this.#tell('ended', error === undefined ? { number } : { number, error });
        },
      });
      this.#opened.set(number, opened);
      return opened.begin;
    } finally {
      this.#running.delete(running);
    }
  }

  async stop(params: unknown): Promise<void> {
    const { number } = read(stopShape, params);
    const opened = this.#opened.get(number);
    this.#opened.delete(number);
    await opened?.stop();
  }

  /** @param reason why calls that wait are given up */
  async end(reason: Error): Promise<void> {
    this.#end ??= this.#finish(reason);
    await this.#end;
  }

  async #finish(reason: Error): Promise<void> {
    for (const controller of this.#running.values()) controller.abort(reason);
    const connection = await this.#connection?.catch(() => undefined);
    // It ends events, and waits for the change that has begun.
    const closing = connection?.close();
    await Promise.allSettled(this.#running.keys());
    await Promise.allSettled(Array.from(this.#opened.values(), (opened) => opened.stop()));
    await closing;
  }

  #callback(number: number): (...args: readonly unknown[]) => void {
    return (...args) =>
      void this.#tell('callback', { number, args: args.map((each) => toJson(each)) });
  }

  /** A client that is gone is told nothing. */
  async #tell(what: string, params: Readonly<Record<string, Json>>): Promise<void> {
    try {
      await this.#rpc.sendNotification(what, params);
    } catch {
      // It throws at once when the input has ended.
    }
  }
}

const objectOf = (value: unknown): object =>
  typeof value === 'object' && value !== null ? value : {};

/** Calls a method whose arguments `guarded` checks. */
async function resultOf(
  connection: Connection,
  name: string,
  args: readonly unknown[],
): Promise<unknown> {
  const method: unknown = Reflect.get(connection, name);
  if (typeof method !== 'function') throw protocolError(`there is no method '${name}'`);
  return Reflect.apply(method, connection, args);
}
