import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NodedevError } from '../errors.ts';
import { printable } from '../terminal-text.ts';

/** Where a server listens. Without host: on all addresses, as Prometheus's own exporters. */
export interface ListenAddress {
  readonly host?: string | undefined;
  readonly port: number;
}

/** Reads `HOST:PORT`, `[HOST]:PORT` or `:PORT`; undefined when it is none of them. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[(?<six>[\da-f:.]+)\]|(?<host>[\w.-]*)):(?<port>\d{1,5})$/iu.exec(text);
  const port = Number(match?.groups?.['port']);
  const host = match?.groups?.['six'] ?? match?.groups?.['host'];
  if (match === null || port > 65_535) return undefined;
  return { host: host === '' ? undefined : host, port };
}

/**
 * Serves the text that `measure` returns at `/metrics` until `signal` is aborted. Requests that come while it is made get the
 * same one. When it throws, the answer is 500 with the reason: no metric is better than a wrong one.
 *
 * @param onListening is told the address, as a URL
 * @throws NodedevError `listen-failed`
 */
export async function serveMetrics(
  { host, port }: ListenAddress,
  measure: () => Promise<string>,
  { signal, onListening }: { signal: AbortSignal; onListening: (url: string) => void },
): Promise<void> {
  let running: Promise<string> | undefined;
  const once = (): Promise<string> =>
    (running ??= measure().finally(() => {
      running = undefined;
    }));
  const server = createServer((request, response) => {
    const answer = (status: number, text: string, type = 'text/plain; charset=utf-8'): void => {
      response
        .writeHead(status, { 'content-type': type })
        .end(request.method === 'HEAD' ? '' : text);
    };
    const path = request.url?.split('?', 1)[0];
    if (path !== '/metrics') answer(404, 'the metrics are at /metrics\n');
    else if (request.method !== 'GET' && request.method !== 'HEAD') answer(405, 'GET or HEAD\n');
    else {
      once().then(
        (text) => {
          answer(200, text, 'text/plain; version=0.0.4; charset=utf-8');
        },
        (error: unknown) => {
          answer(500, `${printable(error instanceof Error ? error.message : String(error))}\n`);
        },
      );
    }
  });
  // A scraper or two; who opens more is not let in.
  server.maxConnections = 32;
  await ended(server, { host, port }, signal, onListening);
}

function ended(
  server: Server,
  { host, port }: ListenAddress,
  signal: AbortSignal,
  onListening: (url: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', (cause) => {
      const where = `${host ?? ''}:${port}`;
      reject(
        new NodedevError('listen-failed', `cannot listen on '${where}': ${cause.message}`, {
          hint: 'choose another port with --listen',
          cause,
        }),
      );
    });
    server.on('close', resolve);
    signal.addEventListener('abort', () => {
      server.closeAllConnections();
    });
    server.listen({ host, port, signal }, () => {
      onListening(urlOf(server.address()));
    });
  });
}

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') return '';
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}/metrics`;
}
