import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** Where a server on this machine listens. */
export function urlOf(server: Server): string {
  const address = server.address();
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
}

/**
 * Answers as one member of etcd 3.4.23 does at its JSON gateway: numbers as text, empty members left out, the words of its
 * refusals. `test/fleet/` holds the same tests against the real one.
 */
export class EtcdDouble implements AsyncDisposable {
  readonly #server: Server;
  readonly #kept = new Map<string, Stored>();
  readonly #history: Change[] = [];
  readonly #leases = new Map<string, NodeJS.Timeout>();
  readonly #watchers = new Set<(change: Change) => void>();
  #revision = 1;
  #compacted = 0;
  #lease = 7_587_000_000_000_000_000n;
  /** Answers nothing any more, as a member that was stopped. */
  isFrozen = false;
  /** Called with the path of each request. */
  onRequest: (path: string) => void = () => undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
  }

  static async start(): Promise<EtcdDouble> {
    const double = new EtcdDouble();
    await new Promise<void>((resolve) => {
      double.#server.listen(0, '127.0.0.1', resolve);
    });
    return double;
  }

  get url(): string {
    return urlOf(this.#server);
  }

  /** Every key with its value. */
  get values(): ReadonlyMap<string, string> {
    return new Map([...this.#kept].map(([key, { value }]) => [key, value]));
  }

  /** Writes these as another client does, at once. */
  put(values: Readonly<Record<string, string>>): void {
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    this.#change(
      Object.entries(values).map(([key, value]) => ({
        request_put: { key: base64(key), value: base64(value) },
      })),
    );
  }

  /** Ends every lease, as when its time is over. */
  endLeases(): void {
    for (const lease of this.#leases.keys()) this.#end(lease);
  }

  /** It grows with every change. */
  get revision(): number {
    return this.#revision;
  }

  compact(): void {
    this.#compacted = this.#revision;
  }

  /** Ends every connection, as a link that is cut. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#leases.values()) clearTimeout(timer);
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const piece of request.setEncoding('utf8')) text += String(piece);
    this.onRequest(request.url ?? '');
    if (this.isFrozen) return;
    const asked: Asked = JSON.parse(text);
    const answer = (body: object, status = 200): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const refuse = (message: string, code: number, status: number): void => {
      answer({ error: message, message, code }, status);
    };
    const header = () => ({ cluster_id: '1', member_id: '2', revision: String(this.#revision) });
    switch (request.url) {
      case '/v3/kv/range': {
        if (asked.revision !== undefined && Number(asked.revision) < this.#compacted) {
          refuse('etcdserver: mvcc: required revision has been compacted', 11, 400);
          return;
        }
        const found = this.#range(decoded(asked.key), asked.range_end).filter(
          ({ revision }) => revision >= Number(asked.min_mod_revision ?? 0),
        );
        const kvs = found
          .slice(0, Number(asked.limit))
          .map((one) => shown(asked.keys_only === true ? { ...one, value: '' } : one));
        const more = found.length > kvs.length || undefined;
        answer({ header: header(), ...(kvs.length === 0 ? {} : { kvs }), more });
        return;
      }
      case '/v3/kv/txn': {
        const { compare = [], success = [] } = asked;
        if (Math.max(compare.length, success.length) > 128) {
          refuse('etcdserver: too many operations in txn request', 3, 400);
          return;
        }
        const holds = compare.every((one) => this.#holds(one));
        if (holds) this.#change(success);
        answer({ header: header(), ...(holds ? { succeeded: true } : {}) });
        return;
      }
      case '/v3/lease/grant': {
        this.#lease += 1n;
        this.#keep(String(this.#lease), Number(asked.TTL));
        answer({ header: header(), ID: String(this.#lease), TTL: asked.TTL });
        return;
      }
      case '/v3/lease/keepalive': {
        const timer = this.#leases.get(asked.ID ?? '');
        timer?.refresh();
        answer({ result: { header: header(), ID: asked.ID, TTL: timer && '10' } });
        return;
      }
      case '/v3/lease/revoke': {
        if (this.#leases.has(asked.ID ?? '')) this.#end(asked.ID ?? '');
        else return refuse('etcdserver: requested lease not found', 5, 404);
        return answer({ header: header() });
      }
      case '/v3/watch':
        this.#watch(asked.create_request ?? {}, response);
        return;
      case undefined:
      default:
        response.writeHead(404).end('Not Found\n');
    }
  }

  #range(key: string, end: string | undefined): readonly Stored[] {
    const last = end === undefined ? `${key}\0` : decoded(end);
    return [...this.#kept.values()]
      .filter((one) => one.key >= key && one.key < last)
      .toSorted((one, other) => (one.key < other.key ? -1 : 1));
  }

  #holds(asked: Asked): boolean {
    const found = this.#range(decoded(asked.key), asked.range_end);
    if (asked.target === 'VALUE') {
      const wanted = decoded(asked.value);
      return found.length > 0 && found.every(({ value }) => value === wanted);
    }
    const isVersion = asked.target === 'VERSION';
    const than = Number(isVersion ? asked.version : asked.mod_revision);
    const numbers = found.map(({ version, revision }) => (isVersion ? version : revision));
    return (numbers.length === 0 ? [0] : numbers).every((number) => {
      if (asked.result === 'EQUAL') return number === than;
      return asked.result === 'LESS' ? number < than : number > than;
    });
  }

  #change(operations: readonly Operation[]): void {
    if (operations.length === 0) return;
    this.#revision += 1;
    const change: Stored[] = [];
    for (const { request_put: put, request_delete_range: gone } of operations) {
      const key = decoded(put?.key ?? gone?.key);
      const before = this.#kept.get(key);
      if (put === undefined) {
        if (this.#kept.delete(key))
          change.push({ key, value: '', revision: this.#revision, version: 0 });
        continue;
      }
      const value = decoded(put.value);
      const version = (before?.version ?? 0) + 1;
      const stored = { key, value, revision: this.#revision, version, lease: put.lease };
      this.#kept.set(key, stored);
      change.push(stored);
    }
    this.#history.push(change);
    for (const tell of this.#watchers) tell(change);
  }

  #keep(lease: string, seconds: number): void {
    const timer = setTimeout(() => {
      this.#end(lease);
    }, seconds * 1000);
    this.#leases.set(lease, timer);
  }

  #end(lease: string): void {
    clearTimeout(this.#leases.get(lease));
    this.#leases.delete(lease);
    const keys = [...this.#kept.values()].filter((one) => one.lease === lease);
    this.#change(
      keys.map(({ key }) => ({
        request_delete_range: { key: Buffer.from(key).toString('base64') },
      })),
    );
  }

  #watch(asked: Asked, response: ServerResponse): void {
    const [from, to] = [decoded(asked.key), decoded(asked.range_end)];
    const line = (result: object): void => {
      response.write(`${JSON.stringify({ result })}\n`);
    };
    const start = Number(asked.start_revision);
    line({ header: { revision: String(this.#revision) }, created: true });
    if (start < this.#compacted) {
      line({ header: {}, canceled: true, compact_revision: String(this.#compacted) });
      response.end();
      return;
    }
    const tell = (change: Change): void => {
      const events = change
        .filter(({ key, revision }) => key >= from && key < to && revision >= start)
        .map((one) =>
          one.version === 0 ? { type: 'DELETE', kv: shown(one) } : { kv: shown(one) },
        );
      if (events.length === 0 || this.isFrozen) return;
      line({ header: { revision: String(change[0]?.revision) }, events });
    };
    for (const change of this.#history) tell(change);
    this.#watchers.add(tell);
    response.on('close', () => this.#watchers.delete(tell));
  }
}

/** What is asked, of every kind. */
interface Asked {
  readonly key?: string;
  readonly range_end?: string;
  readonly limit?: string;
  readonly revision?: string;
  readonly min_mod_revision?: string;
  readonly keys_only?: boolean;
  readonly compare?: readonly Asked[];
  readonly success?: readonly Operation[];
  readonly target?: string;
  readonly result?: string;
  readonly version?: string;
  readonly mod_revision?: string;
  readonly value?: string;
  readonly lease?: string;
  readonly ID?: string;
  readonly TTL?: string;
  readonly create_request?: Asked;
  readonly start_revision?: string;
}

interface Operation {
  readonly request_put?: Asked;
  readonly request_delete_range?: Asked;
}

type Change = readonly Stored[];

interface Stored {
  readonly key: string;
  readonly value: string;
  readonly revision: number;
  /** 0: it was removed. */
  readonly version: number;
  readonly lease?: string | undefined;
}

const decoded = (text = ''): string => Buffer.from(text, 'base64').toString('utf8');

const shown = ({ key, value, revision, version }: Stored): object => ({
  key: Buffer.from(key).toString('base64'),
  mod_revision: String(revision),
  ...(version === 0 ? {} : { version: String(version) }),
  ...(value === '' ? {} : { value: Buffer.from(value).toString('base64') }),
});
