import * as v from 'valibot';
import { checkArguments, optionalText, optionsOf, type ShapesOf, text } from '../arguments.ts';
import { NodedevError } from '../errors.ts';
import type { EtcdTls } from './http.ts';
import { type EtcdOptions, type EtcdUser, Members } from './members.ts';
import { refusedWatch, tooManyOperations } from './messages.ts';
import {
  emptyShape,
  grantShape,
  keepAliveShape,
  rangeShape,
  txnShape,
  watchShape,
} from './shapes.ts';

export interface KeyValue {
  readonly key: string;
  readonly value: string;
  /** The revision of the store in which it was last written: its generation. */
  readonly modRevision: number;
}

/** What was there in one revision of the store. */
export interface Snapshot {
  readonly revision: number;
  readonly items: readonly KeyValue[];
}

export interface ReadOptions {
  readonly isPrefix?: boolean | undefined;
  readonly after?: number | undefined;
}

/** A condition of a transaction, about one key or all keys with a prefix. A key that is not there has version and revision 0. */
export interface Compare {
  readonly key: string;
  readonly isPrefix?: boolean | undefined;
  readonly target: 'version' | 'modRevision' | 'value';
  readonly is: 'EQUAL' | 'GREATER' | 'LESS';
  readonly than: number | string;
}

export interface Transaction {
  readonly compare: readonly Compare[];
  readonly put?: readonly {
    readonly key: string;
    readonly value: string;
    readonly lease?: string;
  }[];
  readonly delete?: readonly string[];
}

/** What a watch tells: changes of one revision, or that the revisions it should begin at are gone. */
export type WatchNews =
  | {
      readonly revision: number;
      readonly events: readonly (KeyValue & { readonly isDeleted: boolean })[];
    }
  | { readonly compacted: number };

const OPTIONS = v.strictObject({
  endpoints: v.array(text),
  tls: optionsOf({
    ca: optionalText,
    cert: optionalText,
    key: optionalText,
  } satisfies ShapesOf<EtcdTls>),
  user: v.optional(v.strictObject({ name: text, password: text } satisfies ShapesOf<EtcdUser>)),
  timeout: v.optional(v.pipe(v.number(), v.gtValue(0))),
} satisfies ShapesOf<EtcdOptions>);

/** etcd refuses more (`--max-txn-ops`), counted for conditions and for operations. */
export const MOST_OPERATIONS = 128;
/** Keys of one answer: as many as can be within 64 MiB (`http.ts`) when each has the most that etcd takes, 1.5 MiB, in base64. */
const PAGE = 30;

/**
 * A client of etcd v3 by its JSON gateway. Every call goes to one member until that does not answer, then to the next; what
 * listens to the member that was left is cut and begins there again. A transaction may be sent twice: its conditions must
 * make the second time harmless.
 *
 * Each method throws NodedevError: `etcd-unavailable` (no member answers: whether a transaction was done is not known),
 * `etcd-refused`, `etcd-invalid` (that is not etcd), `aborted`.
 */
export class EtcdClient {
  readonly #members: Members;

  /** @throws NodedevError `request-invalid` */
  constructor(options: EtcdOptions) {
    checkArguments('EtcdClient', [OPTIONS], [options]);
    this.#members = new Members(options);
  }

  /**
   * A key, or all keys with a prefix, as the cluster has agreed on them.
   *
   * @param options `after`: only what was written after this revision, without its values
   */
  async read(key: string, options: ReadOptions = {}): Promise<Snapshot> {
    for (let left = 3; ; left -= 1) {
      try {
        return await this.#read(key, options);
      } catch (error) {
        const isGone = error instanceof NodedevError && error.code === 'etcd-compacted';
        if (!isGone || left === 0) throw error;
      }
    }
  }

  async #read(key: string, { isPrefix = false, after }: ReadOptions): Promise<Snapshot> {
    const items: KeyValue[] = [];
    const end = isPrefix ? endOfPrefix(key) : undefined;
    for (let from = encoded(key), revision: number | undefined; ; ) {
      const { header, kvs, more } = await this.#members.call('/v3/kv/range', rangeShape, {
        key: from,
        range_end: end === undefined ? undefined : encoded(end),
        limit: String(PAGE),
        revision: revision === undefined ? undefined : String(revision),
        ...(after === undefined ? {} : { min_mod_revision: String(after + 1), keys_only: true }),
      });
      revision ??= header.revision;
      items.push(...kvs.map(keyValueOf));
      const last = kvs.at(-1);
      if (!more || last === undefined) return { revision, items };
      // The next key in the order of bytes, which text that was read from them may not have.
      const bytes = Buffer.from(last.key.raw, 'base64');
      from = Buffer.concat([bytes, Buffer.of(0)]).toString('base64');
    }
  }

  /** @returns the revision that has all of it; undefined: a condition did not hold, and nothing was done */
  async transact({
    compare,
    put = [],
    delete: gone = [],
  }: Transaction): Promise<number | undefined> {
    const size = Math.max(compare.length, put.length + gone.length);
    if (size > MOST_OPERATIONS) throw tooManyOperations(MOST_OPERATIONS);
    const { succeeded, header } = await this.#members.call('/v3/kv/txn', txnShape, {
      compare: compare.map(comparison),
      success: [
        ...put.map(({ key, value, lease }) => ({
          request_put: { key: encoded(key), value: encoded(value), lease },
        })),
        ...gone.map((key) => ({ request_delete_range: { key: encoded(key) } })),
      ],
    });
    return succeeded ? header.revision : undefined;
  }

  /** A lease that ends so many seconds after it was last kept. */
  async grant(seconds: number): Promise<string> {
    return (await this.#members.call('/v3/lease/grant', grantShape, { TTL: String(seconds) })).ID;
  }

  /** @returns whether the lease was still there */
  async keepAlive(lease: string): Promise<boolean> {
    const { result } = await this.#members.call('/v3/lease/keepalive', keepAliveShape, {
      ID: lease,
    });
    return result.TTL > 0;
  }

  /** Ends a lease, and removes the keys that were put with it. */
  async revoke(lease: string): Promise<void> {
    await this.#members.call('/v3/lease/revoke', emptyShape, { ID: lease });
  }

  /**
   * What happens to the keys with a prefix from a revision on, each once and in order, over lost connections; it ends with
   * `compacted`, and when the signal is aborted. A member that stands still is found by other calls only: who watches must
   * keep a lease, or read from time to time.
   */
  async *watch(prefix: string, from: number, signal: AbortSignal): AsyncGenerator<WatchNews, void> {
    const range = { key: encoded(prefix), range_end: encoded(endOfPrefix(prefix)) };
    for (let next = from; !signal.aborted && !this.#members.isClosed; ) {
      const request = { create_request: { ...range, start_revision: String(next) } };
      for await (const told of this.#members.stream('/v3/watch', watchShape, request, signal)) {
        // A member that goes down says so; then its answer ends, and the next one is listened to.
        if ('error' in told) continue;
        const { header, canceled, cancel_reason: why, compact_revision: compacted } = told.result;
        if (compacted > 0) {
          yield { compacted };
          return;
        }
        if (canceled) throw refusedWatch(why);
        const events = told.result.events.map(({ type, kv }) => ({
          ...keyValueOf(kv),
          isDeleted: type === 'DELETE',
        }));
        if (events.length === 0) continue;
        yield { revision: header.revision, events };
        next = header.revision + 1;
      }
    }
  }

  /** Ends all calls and watches. Leases stay. */
  close(): void {
    this.#members.close();
  }
}

const encoded = (key: string): string => Buffer.from(key, 'utf8').toString('base64');

/** The first key after all keys with this prefix, which ends in an ASCII character. */
const endOfPrefix = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCodePoint((prefix.codePointAt(prefix.length - 1) ?? 0) + 1);

const MEMBERS = { version: 'version', modRevision: 'mod_revision', value: 'value' } as const;
const TARGETS = { version: 'VERSION', modRevision: 'MOD', value: 'VALUE' } as const;

const comparison = ({ key, isPrefix = false, target, is, than }: Compare): object => ({
  key: encoded(key),
  range_end: isPrefix ? encoded(endOfPrefix(key)) : undefined,
  target: TARGETS[target],
  result: is,
  [MEMBERS[target]]: target === 'value' ? encoded(String(than)) : String(than),
});

const keyValueOf = (kv: {
  readonly key: { readonly text: string };
  readonly value: string;
  readonly mod_revision: number;
}): KeyValue => ({ key: kv.key.text, value: kv.value, modRevision: kv.mod_revision });
