import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import * as v from 'valibot';
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
  type MessageWriter,
  ResponseError,
} from 'vscode-jsonrpc/node';
import type { NodedevError } from '../errors.ts';
import { type Json, toJson } from './values.ts';
import { notSendable, printedText, protocolError, tooLarge } from './messages.ts';

// Each message is a line of JSON. The library's own readers take as much as a peer announces; and a line tells what a login
// shell prints from what a server says.

/** A topology of 10,000 devices has 5 MB. */
export const MESSAGE_LIMIT = 64 * 1024 * 1024;
/** Of what is no message, so much is shown. */
const SHOWN = 80;

/** Reads messages. What is none is the last that is read. */
export class LineReader extends AbstractMessageReader implements MessageReader {
  readonly #input: Readable;
  readonly #limit: number;
  /** Why reading ended, if not because the stream did. */
  refused: NodedevError | undefined;
  /** How many messages were read. */
  count = 0;
  #hasEnded = false;

  constructor(input: Readable, limit = MESSAGE_LIMIT) {
    super();
    this.#input = input;
    this.#limit = limit;
  }

  listen(callback: DataCallback): Disposable {
    const decoder = new StringDecoder('utf8');
    let parts: string[] = [];
    let length = 0;
    const onData = (chunk: Buffer): void => {
      const pieces = decoder.write(chunk).split('\n');
      for (const [index, piece] of pieces.entries()) {
        if (this.#hasEnded) return;
        if (index > 0) {
          const line = parts.join('');
          parts = [];
          length = 0;
          const message = messageOf(line);
          if (message === undefined) {
            this.#end(noMessage(line, this.count));
            return;
          }
          this.count += 1;
          callback(message);
        }
        parts.push(piece);
        length += piece.length;
        if (length > this.#limit) this.#end(protocolError(tooLarge(this.#limit)));
      }
    };
    this.#input.on('data', onData);
    const end = (): void => this.#end();
    for (const event of ['end', 'close', 'error']) this.#input.once(event, end);
    return { dispose: () => void this.#input.off('data', onData) };
  }

  #end(refused?: NodedevError): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.refused = refused;
    this.#input.pause();
    this.fireClose();
  }
}

function messageOf(line: string): Message | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return isMessage(value) ? value : undefined;
}

/** The library takes the id out of a cancellation without looking whether it has one. */
const cancelShape = v.object({ params: v.object({ id: v.union([v.string(), v.number()]) }) });

const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' &&
  value !== null &&
  'jsonrpc' in value &&
  value.jsonrpc === '2.0' &&
  (!('method' in value && value.method === '$/cancelRequest') || v.is(cancelShape, value));

function noMessage(line: string, before: number): NodedevError {
  const shown = line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
  return before === 0 ? printedText(shown) : protocolError(`'${shown}' is no message`);
}

/** The code of all our own errors in JSON-RPC; the error itself is the data. */
const FAILURE = -32_000;

/** An error as JSON-RPC has it. */
export function failureOf(error: unknown): ResponseError<Json> {
  const message = error instanceof Error ? error.message : String(error);
  return new ResponseError(
    FAILURE,
    message,
    toJson(error instanceof Error ? error : new Error(message)),
  );
}

/** Writes messages. The stream's errors end no process: a reader that is gone is seen by the end of its own stream. */
export class LineWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #write: (text: string, done: (error?: Error | null) => void) => void;
  readonly #limit: number;

  constructor(output: Writable, limit = MESSAGE_LIMIT) {
    super();
    this.#write = output.write.bind(output);
    this.#limit = limit;
    output.on('error', () => undefined);
  }

  /** An answer that is too large becomes an error of the call. @throws NodedevError `request-invalid`: a request is */
  async write(message: Message): Promise<void> {
    let line = `${JSON.stringify(message)}\n`;
    if (line.length > this.#limit) {
      const tooMuch = notSendable(tooLarge(this.#limit));
      if (!('id' in message) || 'method' in message) throw tooMuch;
      const { jsonrpc, id } = message;
      line = `${JSON.stringify({ jsonrpc, id, error: failureOf(tooMuch).toJson() })}\n`;
    }
    await new Promise<void>((resolve, reject) => {
      this.#write(line, (error) => {
        if (error instanceof Error) reject(error);
        else resolve();
      });
    });
  }

  end(): void {
    // The stream is its owner's.
  }
}
