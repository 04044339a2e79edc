import { describe, expect, it } from 'vitest';
import type { FleetHost } from '../../src/fleet/fleet.ts';
import { onHosts } from '../../src/fleet/reach.ts';
import { connect, NodedevError } from '../../src/index.ts';
import { fakeManager } from '../cli/fake-manager.ts';

const host = (name: string): FleetHost => ({ name, uri: `fake:${name}`, labels: [] });
const HOSTS = ['good', 'silent', 'refusing', 'absent', 'mute'].map(host);
const refusal = new NodedevError('no-instances', 'no room');

/** `silent` never lets in, `mute` lets in and never answers, `absent` is not there, `refusing` refuses. */
async function connected({ name }: FleetHost) {
  if (name === 'silent') return new Promise<never>(() => undefined);
  if (name === 'absent') throw new NodedevError('host-not-found', 'no such host');
  return fakeManager({ close: () => Promise.resolve() })();
}

async function asked({ name }: FleetHost): Promise<string> {
  if (name === 'mute') return new Promise<never>(() => undefined);
  if (name === 'refusing') throw refusal;
  return `I am ${name}`;
}

describe('many hosts', () => {
  it('none is in the way of another', async () => {
    const progress: number[] = [];
    const results = await onHosts(HOSTS, asked, {
      connect: connected,
      deadline: 0.05,
      connections: 2,
      onProgress: (done, total) => progress.push(done / total),
    });
    expect(results.map((each) => [each.host.name, each.state])).toEqual([
      ['good', 'answered'],
      ['silent', 'unknown'],
      ['refusing', 'refused'],
      ['absent', 'unknown'],
      ['mute', 'unknown'],
    ]);
    expect(results[0]).toMatchObject({ value: 'I am good' });
    expect(results[1]).toMatchObject({ error: { code: 'host-unreached' } });
    expect(results[2]).toMatchObject({ error: refusal });
    expect(progress).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
  });

  it('no more connections than the limit are open at once, and each is closed', async () => {
    const open = { now: 0, most: 0, closed: 0 };
    const results = await onHosts(
      Array.from({ length: 30 }, (_, index) => host(`h${index}`)),
      async () => {
        open.now += 1;
        open.most = Math.max(open.most, open.now);
        await new Promise(setImmediate);
        open.now -= 1;
      },
      {
        connections: 7,
        connect: fakeManager({
          close: async () => {
            open.closed += 1;
          },
        }),
      },
    );
    expect(results).toHaveLength(30);
    expect(open).toEqual({ now: 0, most: 7, closed: 30 });
  });

  it('a connection that comes too late is closed', async () => {
    let late: (() => void) | undefined;
    let closed: (() => void) | undefined;
    const whenClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const [result] = await onHosts([host('slow')], asked, {
      deadline: 0.01,
      connect: async () => {
        await new Promise<void>((resolve) => {
          late = resolve;
        });
        return fakeManager({ close: async () => closed?.() })();
      },
    });
    expect(result).toMatchObject({ state: 'unknown' });
    late?.();
    await whenClosed;
  });

  it('a signal ends the waiting', async () => {
    const ending = new AbortController();
    const results = onHosts(['silent', 'mute'].map(host), asked, {
      connect: connected,
      deadline: 60,
      signal: ending.signal,
    });
    ending.abort();
    expect((await results).map(({ state }) => state)).toEqual(['unknown', 'unknown']);
  });

  it('a defect is none of a host', async () => {
    const broken = () => Promise.reject(new TypeError('x is undefined'));
    await expect(onHosts(HOSTS.slice(0, 1), broken, { connect: connected })).rejects.toThrow(
      TypeError,
    );
  });

  it('real ones, by their URIs', async () => {
    const hosts = ['nvidia-m60', 'nvidia-a40', 'mtty-none'].map((name) => ({
      name,
      uri: `test:///${name}`,
      labels: [],
    }));
    const results = await onHosts(hosts, (_, connection) => connection.inventory(), {
      connect: ({ uri }) => connect(uri),
    });
    expect(results.map(({ state }) => state)).toEqual(['answered', 'answered', 'unknown']);
  });
});
