import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { answerInvalid } from './messages.ts';

/** What proves who is who, as PEM. */
export interface EtcdTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Most bytes of one answer, and of one line of a watch: etcd itself takes 1.5 MiB in one request. */
const MOST_BYTES = 64 * 2 ** 20;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Requests to etcd's gateway, which answers in JSON. Node's `fetch` cannot show a client's certificate, so these are Node's
 * own requests. Redirects are not followed.
 */
export class EtcdHttp {
  readonly #plain = new HttpAgent({ keepAlive: true });
  readonly #secure: HttpsAgent;

  constructor(tls: EtcdTls = {}) {
    this.#secure = new HttpsAgent({ keepAlive: true, ...tls });
  }

  /** @throws NodedevError `etcd-invalid`; else Node's own errors of connections */
  async post(
    url: URL,
    path: string,
    body: object,
    { token, signal }: { readonly token?: string | undefined; readonly signal: AbortSignal },
  ): Promise<Answer> {
    const response = await this.#send(url, path, body, token, signal);
    let text = '';
    for await (const piece of pieces(response)) {
      text += piece;
      if (text.length > MOST_BYTES) throw answerInvalid(url.href, 'its answer does not end');
    }
    return { status: response.statusCode ?? 0, body: parsed(url, text) };
  }

  /** The objects of an answer that goes on, one a line. */
  async *lines(
    url: URL,
    path: string,
    body: object,
    { token, signal }: { readonly token?: string | undefined; readonly signal: AbortSignal },
  ): AsyncGenerator<unknown, void, void> {
    const response = await this.#send(url, path, body, token, signal);
    let text = '';
    for await (const piece of pieces(response)) {
      text += piece;
      if (text.length > MOST_BYTES) throw answerInvalid(url.href, 'a line of it does not end');
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield parsed(url, line);
    }
    if (text !== '') yield parsed(url, text);
  }

  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }

  #send(
    url: URL,
    path: string,
    body: object,
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const isSecure = url.protocol === 'https:';
    const send = isSecure ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const sent = send(new URL(path, url), {
        method: 'POST',
        agent: isSecure ? this.#secure : this.#plain,
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: token }),
        },
      });
      // Not as an option of the request: its error would also come where nobody listens, at a connection that is kept.
      const abort = (): void => {
        sent.destroy();
      };
      signal.addEventListener('abort', abort);
      sent.on('error', reject).on('close', () => {
        signal.removeEventListener('abort', abort);
      });
      sent.on('response', (response) => {
        // Who reads it is told; nobody may be reading when it is aborted.
        response.on('error', () => undefined);
        resolve(response);
      });
      if (signal.aborted) abort();
      sent.end(JSON.stringify(body));
    });
  }
}

async function* pieces(response: IncomingMessage): AsyncGenerator<string, void, void> {
  response.setEncoding('utf8');
  for await (const piece of response) yield String(piece);
}

function parsed(url: URL, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw answerInvalid(url.href, 'it does not answer in JSON', cause);
  }
}
