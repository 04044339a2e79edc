import { describe, expect, it } from 'vitest';
import { hostErrorFrom } from '../../src/host/errno.ts';
import { HostError } from '../../src/host/host.ts';

function systemError(code: string, errno: number): Error {
  return Object.assign(new Error(code), { code, errno, syscall: 'write' });
}

describe('what Node throws becomes the kernel’s errno', () => {
  it.each([
    ['ENOSPC', -28, 'ENOSPC'],
    ['UNKNOWN', -87, 'EUSERS'],
    ['UNKNOWN', -62, 'ETIME'],
    ['UNKNOWN', -121, 'EREMOTEIO'],
    ['UNKNOWN', -999, 'E999'],
  ])('%s %i: %s', (code, errno, name) => {
    const cause = systemError(code, errno);
    const error = hostErrorFrom(cause, '/sys/x', 'words');
    expect(error).toMatchObject({
      errno: name,
      path: '/sys/x',
      written: 'words',
      cause,
      holders: [],
    });
    expect(error.message).toBe(`${name}: /sys/x`);
  });

  it('a host error stays what it is', () => {
    const error = new HostError('EBUSY', '/x');
    expect(hostErrorFrom(error, '/y')).toBe(error);
  });

  it('anything else is a bug, and thrown on', () => {
    const bug = new TypeError('bug');
    expect(() => hostErrorFrom(bug, '/x')).toThrow(bug);
  });
});
