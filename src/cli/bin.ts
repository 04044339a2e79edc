#!/usr/bin/env node
import type { Writable } from 'node:stream';
import type { Io } from './io.ts';
import { main } from './main.ts';

// A reader that has seen enough (`| head -1`) is no failure: what is left is not printed.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const io: Io = {
  stdout: writer(process.stdout),
  stderr: writer(process.stderr),
  stdin: async () => Buffer.concat(await process.stdin.toArray()),
  errorTerminal: process.stderr.isTTY ? { columns: process.stderr.columns } : undefined,
  terminal: process.stdout.isTTY ? { columns: process.stdout.columns } : undefined,
  env: process.env,
  cwd: process.cwd(),
  interruption: () => {
    const interruption = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interruption.abort());
    return interruption.signal;
  },
  connect: async (uri, report) => {
    const { openConnection } = await import('./connection.ts');
    return openConnection(uri, report);
  },
};

// Not awaited here: modules loaded later import this one's chunk, and would wait for it. The exit code is set
// instead of exiting, so that all output is written first.
void main(process.argv.slice(2), io).then((code) => {
  process.exitCode = code;
});

function writer(stream: Writable): (text: string) => void {
  return (text) => {
    stream.write(text);
  };
}
