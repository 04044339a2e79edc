import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mdpyModel } from '../../../src/drivers/mdpy/model.ts';
import { loadKoffi, NativeCalls } from '../../../src/host/vfio-user/native-calls.ts';
import { serveNative } from '../../../src/host/vfio-user/native-socket.ts';
import { servePlain } from '../../../src/host/vfio-user/plain-socket.ts';
import type { ServedSocket, Service } from '../../../src/host/vfio-user/serving.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { plugged } from '../vfio/plugged.ts';
import { request, TestClient, VERSION, words } from './client.ts';

const READ_MEBIBYTE = request(9, words(0, 0, 0, 0x100000));
const GET_INFO = request(4, words(16, 0, 0, 0));

const TRANSPORTS = {
  plain: (path: string, service: Service) => servePlain(path, service),
  native: async (path: string, service: Service) =>
    serveNative(new NativeCalls(await loadKoffi()), path, service),
} as const;

describe.each(['plain', 'native'] as const)('%s', (transport) => {
  let path: string;
  let served: ServedSocket;
  let peers: (number | undefined)[];
  let reports: unknown[];
  let gone: number;
  let refuse: Error | undefined;
  const hasGone = (clients: number) => vi.waitUntil(() => gone === clients, { timeout: 50_000 });

  beforeEach(async () => {
    path = join(temporaryFolder(), 'socket');
    [peers, reports, gone, refuse] = [[], [], 0, undefined];
    served = await TRANSPORTS[transport](path, {
      admit: async (peer) => {
        await Promise.resolve();
        if (refuse !== undefined) throw refuse;
        peers.push(peer);
        return {
          device: plugged((bus) => mdpyModel({ width: 1024, height: 768 }, bus)),
          fileOf: () => undefined,
          gone: async () => {
            await Promise.resolve();
            gone += 1;
          },
        };
      },
      report: (error) => reports.push(error),
    });
  });
  afterEach(() => served.close());

  it('serves one client after the other', async () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
    for (let turn = 1; turn <= 3; turn += 1) {
      const client = await TestClient.connect(path);
      expect((await client.ask(VERSION)).length).toBe(20);
      expect((await client.ask(GET_INFO)).length).toBe(32);
      await client.close();
      await hasGone(turn);
    }
    expect(peers).toEqual(
      Array.from({ length: 3 }, () => (transport === 'plain' ? undefined : process.pid)),
    );
    expect(reports).toEqual([]);
  });

  it('disconnects a second one, and goes on with the first', async () => {
    const first = await TestClient.connect(path);
    await first.ask(VERSION);
    const second = await TestClient.connect(path);
    await second.ended;
    expect((await first.ask(GET_INFO)).length).toBe(32);
    await first.close();
  });

  it('disconnects who is not let in, and says why', async () => {
    refuse = new Error('in use');
    const client = await TestClient.connect(path);
    await client.ended;
    expect(reports).toEqual([refuse]);
    refuse = undefined;
    const next = await TestClient.connect(path);
    expect((await next.ask(VERSION)).length).toBe(20);
    await next.close();
  });

  it('disconnects who speaks something else, and serves the next', async () => {
    for (const bytes of [Buffer.alloc(64, 0xff), GET_INFO, Buffer.from('GET / HTTP/1.1\r\n\r\n')]) {
      const client = await TestClient.connect(path);
      client.socket.write(bytes);
      await client.ended;
    }
    expect(reports.length).toBe(3);
    const client = await TestClient.connect(path);
    expect((await client.ask(VERSION)).length).toBe(20);
    await client.close();
  });

  it('keeps nothing for who takes no replies', async () => {
    const client = await TestClient.connect(path);
    await client.ask(VERSION);
    const before = process.memoryUsage().arrayBuffers;
    client.socket.pause();
    // Together they ask for 2 GiB, in few bytes.
    client.socket.write(Buffer.concat(Array.from({ length: 2048 }, () => READ_MEBIBYTE)));
    for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
    await client.close();
    await hasGone(1);
  });

  it('sends long replies whole to who takes them slowly', async () => {
    const client = await TestClient.connect(path);
    await client.ask(VERSION);
    for (let turn = 0; turn < 3; turn += 1) {
      const reply = await client.ask(READ_MEBIBYTE);
      expect(reply.length).toBe(32 + 0x100000);
      expect(reply.subarray(-1).toString('hex')).toBe(reply.subarray(-2, -1).toString('hex'));
    }
    await client.close();
  });

  it('is closed while a client is there', async () => {
    const client = await TestClient.connect(path);
    await client.ask(VERSION);
    await served.close();
    await client.ended;
    expect(gone).toBe(1);
    served = { close: () => Promise.resolve() };
  });
});
