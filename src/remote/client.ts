import { setImmediate } from 'node:timers/promises';
import * as v from 'valibot';
import {
  type CancellationToken,
  CancellationTokenSource,
  createMessageConnection,
  type MessageConnection,
  ResponseError,
} from 'vscode-jsonrpc/node';
import type { ConnectOptions } from '../engine/open.ts';
import { connectionClosed } from '../engine/wording/messages.ts';
import { NodedevError } from '../errors.ts';
import type { MethodName } from '../plan/connection.ts';
import { LineReader, LineWriter, MESSAGE_LIMIT } from './lines.ts';
import {
  connectionLost,
  type Fate,
  notRemote,
  notSendable,
  protocolError,
  tooLarge,
} from './messages.ts';
import { METHODS } from './methods.ts';
import { OpenCalls, RemoteAttachment, RemoteEvents, RemoteMount } from './open-calls.ts';
import type { Peer } from './peer.ts';
import {
  begunShape,
  callbackShape,
  endedShape,
  itemShape,
  read,
  reportShape,
  valueShape,
} from './protocol.ts';
import { fromJson, issueShape, toJson } from './values.ts';

type Callback = (...args: readonly unknown[]) => void;

/** How long a client waits for an end that was announced. */
const END_MS = 5000;

/** What a client says to its server. */
export class Client {
  readonly #uri: string;
  readonly #peer: Peer;
  readonly #rpc: MessageConnection;
  readonly #reader: LineReader;
  readonly #fates = new Map<number, Fate>();
  readonly #callbacks = new Map<number, Callback>();
  /** The requests that are not answered. */
  readonly #waiting = new Set<(error: NodedevError) => void>();
  readonly #open = new OpenCalls();
  #numbers = 0;
  #handled = 0;
  #closing: Promise<void> | undefined;
  #lost: NodedevError | undefined;
  #refused: NodedevError | undefined;

  constructor(peer: Peer, uri: string, { report, onChange }: ConnectOptions) {
    this.#peer = peer;
    this.#uri = uri;
    this.#reader = new LineReader(peer.input);
    this.#rpc = createMessageConnection(this.#reader, new LineWriter(peer.output), undefined, {
      messageStrategy: {
        handleMessage: (message, next) => {
          this.#handled += 1;
          return next(message);
        },
      },
    });
    this.#rpc.onClose(() => void this.#end());
    this.#on('report', (params) => {
      report?.(read(issueShape, fromJson(read(reportShape, params).issue)));
    });
    this.#on('change', () => onChange?.());
    this.#on('begun', (params) => this.#learn(read(begunShape, params).number, { stage: 'begun' }));
    this.#on('callback', (params) => {
      const { number, args } = read(callbackShape, params);
      this.#callbacks.get(number)?.(...args.map((each) => fromJson(each)));
    });
    this.#on('item', (params) => {
      const { number, value } = read(itemShape, params);
      this.#open.item(number, fromJson(value));
    });
    this.#on('ended', (params) => {
      const { number, error } = read(endedShape, params);
      this.#open.end(number, error === undefined ? undefined : errorIn(error));
    });
    this.#rpc.listen();
  }

  /**
   * A request that is answered, or fails with the server's error.
   *
   * @throws NodedevError why the server is gone
   */
  async request(what: string, params: object, token?: CancellationToken): Promise<unknown> {
    if (this.#lost !== undefined) throw this.#lost;
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      const answer =
        token === undefined
          ? this.#rpc.sendRequest<unknown>(what, params)
          : this.#rpc.sendRequest<unknown>(what, params, token);
      answer.then(
        (value) => {
          this.#waiting.delete(reject);
          resolve(value);
        },
        (error: unknown) => {
          // What cannot be written is lost: the end of the server says why.
          if (!(error instanceof ResponseError)) return this.#peer.kill();
          if (error.data === undefined) return void this.#refuse(protocolError(error.message));
          this.#waiting.delete(reject);
          reject(errorIn(error.data));
        },
      );
    });
  }

  /** Calls a method, whose arguments are checked already. */
  async call(method: MethodName, args: readonly unknown[]): Promise<unknown> {
    const entry = METHODS[method];
    if (entry.way === 'here') throw notRemote(method, entry.why);
    if (this.#closing !== undefined) throw connectionClosed();
    const number = (this.#numbers += 1);
    const fate: Fate = { method, changes: entry.changes, stage: 'not sent' };
    if (this.#lost !== undefined) throw connectionLost(this.#uri, fate, this.#lost);
    const callbacks: number[] = [];
    const signals = args.flatMap((each) => signalIn(each) ?? []);
    const source = new CancellationTokenSource();
    const sending = {
      callback: (given: Callback): number => {
        const to = (this.#numbers += 1);
        callbacks.push(to);
        this.#callbacks.set(to, this.#followed(number, given));
        return to;
      },
    };
    const sent = args.map((each) => toJson(each, sending));
    if (JSON.stringify(sent).length > MESSAGE_LIMIT) throw notSendable(tooLarge(MESSAGE_LIMIT));
    const opening = OPENING[entry.way]();
    if (opening !== undefined) this.#open.add(number, opening.call);
    const stop = (): Promise<void> => this.#stop(number);
    const cancel = (): void => source.cancel();
    for (const signal of signals) {
      if (signal.aborted) cancel();
      else signal.addEventListener('abort', cancel, { once: true });
    }
    this.#fates.set(number, { ...fate, stage: 'sent' });
    try {
      const answer = await this.request('call', { number, method, args: sent }, source.token);
      const value = fromJson(read(valueShape, answer).value);
      if (!v.is(entry.result, value))
        throw this.#refuse(protocolError(`the answer of ${method} is none`));
      if (opening === undefined) return value;
      if (entry.way === 'events') stopAt(signals, () => this.#endQuietly(number));
      return opening.begin(value, stop);
    } catch (error) {
      this.#open.end(number);
      throw this.#asLost(error, this.#fates.get(number));
    } finally {
      for (const signal of signals) signal.removeEventListener('abort', cancel);
      for (const to of callbacks) this.#callbacks.delete(to);
      this.#fates.delete(number);
    }
  }

  /** Ends the server, which brings what it has begun to its end. */
  async close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.request('close', {}).catch(() => undefined); // a server that is gone is closed
      await this.#peer.end();
    })();
    await this.#closing;
  }

  /** Ends events by their signal: Ctrl-C ends ssh as well, and that the connection is lost then is no news. */
  #endQuietly(number: number): void {
    this.#open.expectEnd(number);
    this.#stop(number).catch((error: unknown) => this.#open.end(number, asError(error)));
  }

  /** Ends what a call has opened. What a server had opened that is gone has ended. */
  async #stop(number: number): Promise<void> {
    if (this.#closing !== undefined) return this.#closing;
    try {
      await this.request('stop', { number });
    } catch (error) {
      if (error !== this.#lost) throw error;
    }
  }

  /** Nothing more comes. What has come is handled first: the library handles one message in a turn. */
  async #end(): Promise<void> {
    for (let unread = this.#reader.count - this.#handled; unread > 0; unread -= 1)
      await setImmediate();
    if (this.#reader.refused !== undefined) this.#refuse(this.#reader.refused);
    const limit = setTimeout(() => this.#peer.kill(), END_MS);
    const ended = await this.#peer.ended;
    clearTimeout(limit);
    const why = this.#refused ?? ended;
    this.#lost = why;
    for (const reject of this.#waiting) reject(why);
    this.#waiting.clear();
    this.#open.endAll(
      this.#closing === undefined ? connectionLost(this.#uri, undefined, why) : undefined,
    );
  }

  /** The end of the server, as what it means for a call; other errors are as they are. */
  #asLost(error: unknown, fate: Fate | undefined): unknown {
    return error instanceof NodedevError && error === this.#lost
      ? connectionLost(this.#uri, fate, error)
      : error;
  }

  /** Ends a server that sends what it must not. */
  #refuse(error: NodedevError): NodedevError {
    this.#refused ??= error;
    this.#peer.kill();
    return error;
  }

  #learn(number: number, news: Partial<Fate>): void {
    const fate = this.#fates.get(number);
    if (fate !== undefined) this.#fates.set(number, { ...fate, ...news });
  }

  /** The same function; what it is told of progress is known when the connection is lost. */
  #followed(number: number, given: Callback): Callback {
    return (...args) => {
      const [done, total] = args;
      if (typeof done === 'number' && typeof total === 'number') {
        this.#learn(number, { progress: [done, total] });
      }
      given(...args);
    };
  }

  #on(what: string, take: (params: unknown) => void): void {
    this.#rpc.onNotification(what, (params: unknown) => {
      try {
        take(params);
      } catch (error) {
        if (!(error instanceof NodedevError) || error.code !== 'protocol-error') throw error;
        this.#refuse(error);
      }
    });
  }
}

/** What is needed on this side for what a call opens. */
const OPENING: Readonly<
  Record<
    'call' | 'events' | 'mount' | 'attach',
    () => RemoteEvents | RemoteMount | RemoteAttachment | undefined
  >
> = {
  call: () => undefined,
  events: () => new RemoteEvents(),
  mount: () => new RemoteMount(),
  attach: () => new RemoteAttachment(),
};

/** The signal among a method's options. */
function signalIn(options: unknown): AbortSignal | undefined {
  const isObject = typeof options === 'object' && options !== null && 'signal' in options;
  return isObject && options.signal instanceof AbortSignal ? options.signal : undefined;
}

/** Events end with their signal, also after the call that opened them has returned. */
function stopAt(signals: readonly AbortSignal[], stop: () => void): void {
  for (const signal of signals) {
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  }
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));

function errorIn(data: unknown): Error {
  const error = fromJson(data);
  return error instanceof Error ? error : protocolError('an error is none');
}
