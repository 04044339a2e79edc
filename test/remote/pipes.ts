import { PassThrough } from 'node:stream';
import type { ConnectOptions } from '../../src/engine/open.ts';
import { connectHere } from '../../src/plan/connect.ts';
import { connectOver } from '../../src/remote/connect-over.ts';
import { NodedevError } from '../../src/errors.ts';
import type { Connection } from '../../src/plan/connection.ts';
import { serveConnection } from '../../src/remote/server.ts';

/** Connects to a host through client and server, which are joined by two streams in this process. */
export async function connectByPipes(
  uri?: string,
  { newUuid, now, drivers, ...options }: ConnectOptions = {},
): Promise<Connection> {
  const [up, down] = [new PassThrough(), new PassThrough()];
  let stray = '';
  const served = serveConnection(up, down, {
    // What cannot go to another machine is given to the server.
    open: (there, given) => connectHere(there, { ...given, newUuid, now, drivers }),
    stray: (text) => {
      stray += text;
    },
    signal: new AbortController().signal,
  });
  const ended = served.then(() => {
    down.end();
    return new NodedevError('ssh-failed', `the server has ended ${stray}`);
  });
  const end = async (): Promise<void> => {
    up.end();
    await ended;
  };
  return connectOver(
    { input: down, output: up, ended, end, kill: () => void end() },
    uri ?? 'sysfs:///',
    uri,
    options,
  );
}
