import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Transform } from 'node:stream';
import { NodedevError } from '../../src/errors.ts';
import type { Connection } from '../../src/plan/connection.ts';
import { connectOver } from '../../src/remote/connect-over.ts';
import { builtCommand } from '../cli/built-command.ts';

/** What happens at a message, which is one of all that both sides write, in their order. */
export interface Cut {
  readonly at: number;
  readonly what: 'server' | 'client' | 'nothing';
}

export interface Served {
  readonly connection: Promise<Connection>;
  /** How many messages were written. */
  readonly count: () => number;
  /** Resolved when the server's process has ended. */
  readonly gone: Promise<unknown>;
}

/**
 * A server in a process of its own, as ssh starts it. Before message `at` is passed on, the server is killed, or the client is
 * gone: its streams end, and nothing of it comes any more.
 */
export function serve(uri: string, { at, what }: Cut): Served {
  const server = spawn(process.execPath, [builtCommand, 'serve', '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const gone = once(server, 'exit');
  const { stdin, stdout } = server;
  let count = 0;
  const cut = (): boolean => {
    count += 1;
    if (count !== at || what === 'nothing') return false;
    if (what === 'server') server.kill('SIGKILL');
    else stdin.end();
    return true;
  };
  const up = lines(cut);
  const down = lines(cut);
  up.pipe(stdin);
  stdin.on('error', () => undefined);
  stdout.pipe(down);
  const ended = gone.then(([code, signal]) => {
    const how = typeof signal === 'string' ? signal : `exit code ${String(code)}`;
    return new NodedevError('ssh-failed', `the server has ended (${how})`);
  });
  const connection = connectOver(
    {
      input: down,
      output: up,
      ended,
      end: async () => {
        up.end();
        await gone;
      },
      kill: () => void server.kill('SIGKILL'),
    },
    `ssh://there/${uri}`,
    uri,
  );
  return { connection, count: () => count, gone };
}

/** Passes lines on one by one. From the one at which `cut` says so, none. */
function lines(cut: () => boolean): Transform {
  let rest = '';
  let isCut = false;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        isCut ||= cut();
        if (!isCut) this.push(`${part}\n`);
      }
      done();
    },
  });
}
