import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { NodedevError } from '../errors.ts';
import { EtcdHttp, type EtcdTls } from './http.ts';
import { answerInvalid, endpointInvalid, refused, unavailable } from './messages.ts';
import { errorShape, tokenShape } from './shapes.ts';

export interface EtcdOptions {
  /** URLs of members: `http://HOST:2379`. All of one cluster. */
  readonly endpoints: readonly string[];
  readonly tls?: EtcdTls | undefined;
  readonly user?: EtcdUser | undefined;
  /** Milliseconds until a member that does not answer is left for the next one; default 3,000. */
  readonly timeout?: number | undefined;
}

export interface EtcdUser {
  readonly name: string;
  readonly password: string;
}

/** How often all members are asked before giving up, and the pause between: an election takes a second or two. */
const ROUNDS = 3;
const PAUSE = 500;

/** gRPC's codes for what another member, or the same one later, may answer: deadline-exceeded and unavailable. */
const TEMPORARY: ReadonlySet<number> = new Set([4, 14]);
const UNAUTHENTICATED = 16;

/** The members of a cluster: a question goes to one of them until that does not answer, then to the next. */
export class Members {
  readonly #http: EtcdHttp;
  readonly #urls: readonly URL[];
  readonly #user: EtcdUser | undefined;
  readonly #timeout: number;
  readonly #closing = new AbortController();
  #at = 0;
  /** Aborted when the member is left. */
  #member = new AbortController();
  #token: Promise<string> | undefined;

  /** @throws NodedevError `request-invalid` */
  constructor({ endpoints, tls, user, timeout = 3000 }: EtcdOptions) {
    this.#urls = endpoints.map(endpointOf);
    if (this.#urls.length === 0) throw endpointInvalid('');
    this.#http = new EtcdHttp(tls);
    this.#user = user;
    this.#timeout = timeout;
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  async call<T extends v.GenericSchema>(
    path: string,
    shape: T,
    body: object,
  ): Promise<v.InferOutput<T>> {
    const reasons = new Map<string, string>();
    let cause: unknown;
    for (let attempt = 0; attempt < ROUNDS * this.#urls.length; attempt += 1) {
      if (attempt > 0 && attempt % this.#urls.length === 0) await sleep(PAUSE);
      if (this.isClosed) break;
      const at = this.#at;
      const url = this.#url();
      const answer = await this.#ask(url, path, body);
      if ('body' in answer) return checked(url, shape, answer.body);
      reasons.set(url.href, answer.reason);
      ({ cause } = answer);
      this.#leave(at);
    }
    if (this.isClosed) throw new NodedevError('aborted', 'the client of etcd is closed');
    const words = [...reasons].map(([url, reason]) => `${url}: ${reason}`);
    throw unavailable(words, cause);
  }

  /** The objects of an answer that goes on. It ends when its member is left; the next call then listens to the next one. */
  async *stream<T extends v.GenericSchema>(
    path: string,
    shape: T,
    body: object,
    signal: AbortSignal,
  ): AsyncGenerator<v.InferOutput<T>, void, void> {
    const at = this.#at;
    const url = this.#url();
    const until = AbortSignal.any([signal, this.#closing.signal, this.#member.signal]);
    try {
      const token = await this.#auth(url, until);
      for await (const line of this.#http.lines(url, path, body, { token, signal: until })) {
        yield checked(url, shape, line);
      }
    } catch (error) {
      if (error instanceof NodedevError) throw error;
    }
    this.#token = undefined;
    this.#leave(at);
    await sleep(PAUSE, undefined, { signal }).catch(() => undefined);
  }

  close(): void {
    this.#closing.abort();
    this.#http.close();
  }

  /** One question to one member; `reason`: another one is to be asked. */
  async #ask(
    url: URL,
    path: string,
    body: object,
  ): Promise<{ readonly body: unknown } | { readonly reason: string; readonly cause?: unknown }> {
    const limit = AbortSignal.timeout(this.#timeout);
    const signal = AbortSignal.any([limit, this.#closing.signal]);
    try {
      for (let isAgain = false; ; isAgain = true) {
        const token = await this.#auth(url, signal);
        const answer = await this.#http.post(url, path, body, { token, signal });
        if (answer.status === 200) return answer;
        const { message, code } = checked(url, errorShape, answer.body);
        if (TEMPORARY.has(code)) return { reason: message };
        // Tokens end, and members that started again know none.
        if (code !== UNAUTHENTICATED || token === undefined || isAgain) {
          throw refused(url.href, message, code);
        }
        this.#token = undefined;
      }
    } catch (cause) {
      if (cause instanceof NodedevError) throw cause;
      const seconds = this.#timeout / 1000;
      const text = cause instanceof Error ? cause.message : String(cause);
      return { reason: limit.aborted ? `no answer in ${seconds} s` : text, cause };
    }
  }

  async #auth(url: URL, signal: AbortSignal): Promise<string | undefined> {
    if (this.#user === undefined) return undefined;
    this.#token ??= this.#authenticate(url, this.#user, signal).catch((error: unknown) => {
      this.#token = undefined;
      throw error;
    });
    return this.#token;
  }

  async #authenticate(url: URL, user: EtcdUser, signal: AbortSignal): Promise<string> {
    const { status, body } = await this.#http.post(url, '/v3/auth/authenticate', user, { signal });
    if (status === 200) return checked(url, tokenShape, body).token;
    const { message, code } = checked(url, errorShape, body);
    // A plain error is asked of the next member.
    throw TEMPORARY.has(code) ? new Error(message) : refused(url.href, message, UNAUTHENTICATED);
  }

  #url(): URL {
    const url = this.#urls[this.#at % this.#urls.length];
    if (url === undefined) throw endpointInvalid('');
    return url;
  }

  /** Goes to the next member, unless another call has done so. */
  #leave(at: number): void {
    if (this.#at !== at) return;
    this.#at += 1;
    this.#member.abort();
    this.#member = new AbortController();
  }
}

function endpointOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    url !== undefined &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    `${url.username}${url.password}${url.search}${url.hash}` === '' &&
    url.pathname === '/';
  if (!isPlain) throw endpointInvalid(text);
  return url;
}

function checked<T extends v.GenericSchema>(url: URL, shape: T, body: unknown): v.InferOutput<T> {
  const result = v.safeParse(shape, body);
  if (result.success) return result.output;
  const [{ message }] = result.issues;
  throw answerInvalid(url.href, message, new v.ValiError(result.issues));
}
