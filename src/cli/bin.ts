#!/usr/bin/env node
import * as nodeModule from 'node:module';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { FileError } from './failures.ts';
import type { Io } from './io.ts';
import { main } from './main.ts';
import { EXIT } from './exit-codes.ts';
import { issueLines } from './report-error.ts';

keepCompiledCode();

// When the reader closes the pipe (`| head -1`), the rest is not printed, and this is no failure. A full disk is a failure;
// it is reported once.
for (const [name, stream] of [
  ['<stdout>', process.stdout],
  ['<stderr>', process.stderr],
] as const) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || process.exitCode === EXIT.failure) return;
    process.exitCode = EXIT.failure;
    const { message } = new FileError('write', name, error);
    process.stderr.write(issueLines({ code: 'file', severity: 'error', message }).join(''));
  });
}

const io: Io = {
  stdout: writer(process.stdout),
  stderr: writer(process.stderr),
  stdin: async (limits) => {
    const { readStandardInput } = await import('./input.ts');
    return readStandardInput(limits);
  },
  streams: { input: process.stdin, output: process.stdout },
  errorTerminal: process.stderr.isTTY ? { columns: process.stderr.columns } : undefined,
  terminal: process.stdout.isTTY ? { columns: process.stdout.columns } : undefined,
  env: process.env,
  cwd: process.cwd(),
  itself: [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
  interruption: () => {
    const interruption = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interruption.abort());
    // A driver's file may leave a promise that nothing waits for. What runs until it is interrupted is not ended by that.
    process.on('unhandledRejection', (reason) => {
      const why = reason instanceof Error ? reason.message : String(reason);
      const message = `a promise failed, and nothing waited for it: ${why}`;
      const issue = { code: 'driver-invalid', severity: 'warning', message } as const;
      process.stderr.write(issueLines(issue).join(''));
    });
    return interruption.signal;
  },
  connect: async (uri, options) => {
    const { connect } = await import('../remote/connect.ts');
    return connect(uri, options);
  },
};

// Not awaited here: modules loaded later import this one's chunk, and would wait for it. The exit code is set
// instead of exiting, so that all output is written first.
void main(process.argv.slice(2), io).then((code) => {
  process.exitCode ??= code;
});

function writer(stream: Writable): (text: string) => void {
  return (text) => {
    stream.write(text);
  };
}

/**
 * Lets Node keep the compiled code of the command's files (Node 22.8 and later), in the home directory of the user whose
 * rights we have. In Node's default folder below /tmp other users could place code for us.
 */
function keepCompiledCode(): void {
  const {
    enableCompileCache,
  }: typeof nodeModule & {
    readonly enableCompileCache?: (folder: string) => unknown;
  } = nodeModule;
  try {
    enableCompileCache?.(join(userInfo().homedir, '.cache', 'virt-nodedev', 'code'));
  } catch {
    // A user without an entry in passwd has no home directory.
  }
}
