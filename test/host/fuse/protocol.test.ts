import { describe, expect, it } from 'vitest';
import { assert, constantFrom, nat, oneof, property, uint8Array } from 'fast-check';
import { Nodes } from '../../../src/host/fuse/nodes.ts';
import { type FileStatus, Replies } from '../../../src/host/fuse/replies.ts';
import { type ByteOrder, decodeRequest } from '../../../src/host/fuse/requests.ts';

/** Bytes as they stand in a message: `4:7` is a number of four bytes, `"x"` a name with its end, `-` a byte of anything. */
function bytes(order: ByteOrder, words: string): Buffer {
  return Buffer.concat(
    words.split(' ').map((word) => {
      if (word.startsWith('"')) return Buffer.from(`${word.slice(1, -1)}\0`);
      const [size = 0, value = 0] = word.split(':').map(Number);
      const part = Buffer.alloc(size);
      if (size === 8 && order === 'LE') part.writeBigUInt64LE(BigInt(value));
      else if (size === 8) part.writeBigUInt64BE(BigInt(value));
      else if (order === 'LE') part.writeUIntLE(value >>> 0, 0, size);
      else part.writeUIntBE(value >>> 0, 0, size);
      return part;
    }),
  );
}

/** A request about file 5 of process 42, with the number 9. */
function message(order: ByteOrder, opcode: number, body: string): Buffer {
  const rest = body === '' ? Buffer.alloc(0) : bytes(order, body);
  const header = bytes(order, `4:${40 + rest.length} 4:${opcode} 8:9 8:5 4:0 4:0 4:42 4:0`);
  return Buffer.concat([header, rest]);
}

const REQUESTS: readonly (readonly [number, string, Record<string, unknown>])[] = [
  [1, '"create"', { op: 'lookup', name: 'create' }],
  [2, '8:3', { op: 'forget', nodes: [{ node: 5, count: 3 }] }],
  [3, '4:0 4:0 8:0', { op: 'getattr' }],
  [4, '4:8 4:0 8:0', { op: 'setattr', valid: 8 }],
  [5, '', { op: 'readlink' }],
  [14, '4:1 4:0', { op: 'open', flags: 1 }],
  [15, '8:7 8:4096 4:512', { op: 'read', place: { handle: 7, offset: 4096, size: 512 } }],
  [16, '8:7 8:0 4:2 4:0 8:0 4:0 4:0 "1\n"', { op: 'write', handle: 7, data: Buffer.from('1\n') }],
  [17, '', { op: 'statfs' }],
  [18, '8:7 4:0 4:0 8:0', { op: 'release', handle: 7 }],
  [26, '4:7 4:31 4:65536 4:32', { op: 'init', major: 7, minor: 31, flags: 32 }],
  [27, '4:0 4:0', { op: 'opendir' }],
  [28, '8:7 8:2 4:4096', { op: 'readdir', place: { handle: 7, offset: 2, size: 4096 } }],
  [29, '8:7 4:0 4:0 8:0', { op: 'releasedir', handle: 7 }],
  [42, '4:1 4:0 8:6 8:2', { op: 'forget', nodes: [{ node: 6, count: 2 }] }],
  [35, '4:0 4:0 "x"', { op: 'refused', errno: 'EACCES' }],
  [9, '4:0 4:0 "x"', { op: 'refused', errno: 'EPERM' }],
  [10, '"x"', { op: 'refused', errno: 'EPERM' }],
  [39, '', { op: 'refused', errno: 'ENOTTY' }],
  [4096, '', { op: 'refused', errno: 'ENOSYS' }],
  [14, '2:0', { op: 'refused', errno: 'EINVAL' }],
  [1, '1:65', { op: 'refused', errno: 'EINVAL' }],
  [16, '8:7 8:0 4:3 4:0 8:0 4:0 4:0 1:65', { op: 'refused', errno: 'EINVAL' }],
  [42, '4:4000000000 4:0', { op: 'refused', errno: 'EINVAL' }],
];

const FILE: FileStatus = {
  kind: 'file',
  mode: 0o200,
  uid: 1,
  gid: 2,
  size: 4096,
  links: 1,
  time: 1500,
};
const TIMES = '8:1 8:1 8:1 4:500000000 4:500000000 4:500000000';
const ATTRIBUTES = `8:5 8:4096 8:0 ${TIMES} 4:32896 4:1 4:1 4:2 4:0 4:4096 4:0`;

type Reply = readonly [string, (replies: Replies) => Buffer, string];
const REPLIES: readonly Reply[] = [
  ['an error', (replies) => replies.error(9n, 28), '4:16 4:-28 8:9'],
  ['a link', (replies) => replies.data(9n, Buffer.from('ab')), '4:18 4:0 8:9 1:97 1:98'],
  [
    'the beginning',
    (replies) => replies.init(9n, 0xffff_ffff),
    `4:80 4:0 8:9 4:7 4:31 4:0 4:${(1 << 5) | (1 << 18)} 2:16 2:12 4:8192 4:1 4:0 4:0 4:0 4:0 4:0 4:0 4:0 4:0 4:0`,
  ],
  [
    'an entry',
    (replies) => replies.entry(9n, 5, FILE),
    `4:144 4:0 8:9 8:5 8:0 8:0 8:1 8:0 ${ATTRIBUTES}`,
  ],
  [
    'attributes',
    (replies) => replies.attributes(9n, 5, FILE),
    `4:120 4:0 8:9 8:1 8:0 ${ATTRIBUTES}`,
  ],
  ['an open file', (replies) => replies.opened(9n, 7), '4:32 4:0 8:9 8:7 4:65 4:0'],
  ['a write', (replies) => replies.written(9n, 36), '4:24 4:0 8:9 4:36 4:0'],
  [
    'a folder',
    (replies) =>
      replies.entries(
        9n,
        [
          { name: 'a', kind: 'directory' },
          { name: 'nine_char', kind: 'link' },
          { name: 'too many', kind: 'file' },
        ],
        { offset: 0, size: 80 },
      ),
    '4:88 4:0 8:9 8:4294967295 8:1 4:1 4:4 1:97 1:0 2:0 4:0 8:4294967295 8:2 4:9 4:10 "nine_char" 2:0 4:0',
  ],
  [
    'the file system',
    (replies) => replies.statfs(9n),
    '4:96 4:0 8:9 8:0 8:0 8:0 8:0 8:0 4:4096 4:255 4:4096 4:0 4:0 4:0 4:0 4:0 4:0 4:0',
  ],
];

describe.each(['LE', 'BE'] as const)('the protocol, %s', (order) => {
  it.each(REQUESTS)('request %i %s', (opcode, body, expected) => {
    const start = { unique: 9n, node: 5, pid: 42 };
    const end = opcode === 16 && expected['op'] === 'write' ? -1 : undefined; // the end of the name
    const request = decodeRequest(message(order, opcode, body).subarray(0, end), order);
    expect(request).toEqual({ ...start, ...expected });
  });

  it.each(REPLIES)('reply: %s', (_, reply, expected) => {
    expect(reply(new Replies(order)).toString('hex')).toBe(bytes(order, expected).toString('hex'));
  });

  it('whatever comes is refused or understood', () => {
    const opcodes = REQUESTS.map(([opcode]) => opcode);
    assert(
      property(
        oneof(constantFrom(...opcodes), nat()),
        uint8Array({ maxLength: 100 }),
        nat(140),
        (opcode, body, length) => {
          const whole = Buffer.concat([message(order, opcode, ''), body]).subarray(0, length);
          expect(decodeRequest(whole, order) === undefined).toBe(whole.length < 40);
        },
      ),
    );
  });
});

it('a name that is no UTF-8 is none of ours', () => {
  const name = Buffer.concat([message('LE', 1, ''), Buffer.from([0xff, 0])]);
  expect(decodeRequest(name, 'LE')).toMatchObject({ op: 'lookup', name: undefined });
});

describe('the numbers of files', () => {
  it('are kept as long as the kernel has them', () => {
    const nodes = new Nodes();
    const first = nodes.name('/a');
    expect(nodes.name('/a')).toBe(first);
    nodes.forget(first, 1);
    expect(nodes.path(first)).toBe('/a');
    nodes.forget(first, 1);
    expect([nodes.path(first), nodes.size]).toEqual([undefined, 0]);
    expect(nodes.name('/a')).not.toBe(first);
    expect(nodes.path(1)).toBe('/');
  });

  it('the root and unknown ones are never forgotten', () => {
    const nodes = new Nodes();
    nodes.forget(1, 100);
    nodes.forget(77, 1);
    expect([nodes.path(1), nodes.path(77)]).toEqual(['/', undefined]);
  });
});
