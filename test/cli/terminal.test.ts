import { expect, it } from 'vitest';
import { terminalOf } from '../../src/cli/terminal.ts';

const rest = {
  stdout: () => undefined,
  stderr: () => undefined,
  stdin: () => Promise.resolve(new Uint8Array()),
  cwd: '/',
  interruption: () => new AbortController().signal,
  connect: () => Promise.reject(new Error('no connection')),
};

it.each([
  ['a pipe', undefined, {}, { width: 80, color: false, ascii: false }],
  ['a terminal', 72, {}, { width: 72, color: true, ascii: false }],
  ['a wide terminal', 300, {}, { width: 100, color: true, ascii: false }],
  ['no colours', 80, { NO_COLOR: '1' }, { width: 80, color: false, ascii: false }],
  ['NO_COLOR without a value', 80, { NO_COLOR: '' }, { width: 80, color: true, ascii: false }],
  ['a dumb terminal', 80, { TERM: 'dumb' }, { width: 80, color: false, ascii: false }],
  ['a UTF-8 locale', 80, { LANG: 'de_DE.UTF-8' }, { width: 80, color: true, ascii: false }],
  ['its other name', 80, { LC_CTYPE: 'C.utf8' }, { width: 80, color: true, ascii: false }],
  ['the C locale', 80, { LANG: 'C' }, { width: 80, color: true, ascii: true }],
  [
    'LC_ALL before the others',
    80,
    { LC_ALL: 'POSIX', LANG: 'en_US.UTF-8' },
    { width: 80, color: true, ascii: true },
  ],
])('%s', (_, columns, env, expected) => {
  const terminal = columns === undefined ? undefined : { columns };
  expect(terminalOf({ ...rest, terminal, env })).toEqual(expected);
});
