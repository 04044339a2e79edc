import { request } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { parseListenAddress, serveMetrics } from '../../src/cli/metrics-server.ts';
import { connect } from '../../src/remote/connect.ts';
import { run } from './run.ts';

describe('virt-nodedev metrics', () => {
  it('prints them, with a connection that only reads', async () => {
    const asked: unknown[] = [];
    const result = await run(['metrics'], {
      connect: (_, options) => {
        asked.push(options.readOnly);
        return connect('test:///nvidia-m60', options);
      },
    });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain('virt_nodedev_unreadable 0\n');
    expect(asked).toEqual([true]);
  });

  it('serves them until it is interrupted', async () => {
    const interruption = new AbortController();
    const told: string[] = [];
    const answers: (readonly [number | undefined, string])[] = [];
    const running = serveMetrics({ host: '127.0.0.1', port: 0 }, () => Promise.resolve('m 1\n'), {
      signal: interruption.signal,
      onListening: (url) => {
        told.push(url);
        void (async () => {
          answers.push(await get(url), await get(`${url}x`), await get(url, 'POST'));
          answers.push(await get(`${url}?name=m`), await get(url, 'HEAD'));
          // Who only connects does not keep it from ending.
          connectSocket(Number(new URL(url).port), '127.0.0.1', () => {
            interruption.abort();
          }).on('error', () => undefined);
        })();
      },
    });
    await running;
    expect(told).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/u)]);
    expect(answers).toEqual([
      [200, 'm 1\n'],
      [404, 'the metrics are at /metrics\n'],
      [405, 'GET or HEAD\n'],
      [200, 'm 1\n'],
      [200, ''],
    ]);
  });

  it('answers with an error where it cannot measure, and measures once for all who ask at a time', async () => {
    const interruption = new AbortController();
    let count = 0;
    const measure = async (): Promise<string> => {
      count += 1;
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
      throw new Error('no \u001B[2J host');
    };
    const answers: unknown[] = [];
    await serveMetrics({ host: '127.0.0.1', port: 0 }, measure, {
      signal: interruption.signal,
      onListening: (url) => {
        void Promise.all([get(url), get(url), get(url)]).then((all) => {
          answers.push(...all);
          interruption.abort();
        });
      },
    });
    expect(answers).toEqual([1, 2, 3].map(() => [500, 'no \\u{1b}[2J host\n']));
    expect(count).toBeLessThan(4);
  });

  it('says where it cannot listen', async () => {
    const signal = new AbortController().signal;
    const address = { host: '192.0.2.1', port: 9838 };
    const options = { signal, onListening: () => undefined };
    await expect(serveMetrics(address, () => Promise.resolve(''), options)).rejects.toMatchObject({
      code: 'listen-failed',
      message: expect.stringContaining("cannot listen on '192.0.2.1:9838'"),
    });
  });

  it.each(['9838', 'localhost', 'a b:1', ':99999', '::1:9838', '[x]:1', 'http://a:1'])(
    "'%s' is no address",
    async (words) => {
      const { code, stderr } = await run(['metrics', '--listen', words]);
      expect([code, stderr]).toEqual([
        2,
        expect.stringContaining('HOST:PORT, [IPV6]:PORT or :PORT'),
      ]);
    },
  );

  it.each([
    ['localhost:9838', 'localhost', 9838],
    [':9838', undefined, 9838],
    ['[::1]:0', '::1', 0],
    ['10.0.0.1:65535', '10.0.0.1', 65_535],
  ])('%s', (words, host, port) => {
    expect(parseListenAddress(words)).toEqual({ host, port });
  });
});

function get(url: string, method = 'GET'): Promise<readonly [number | undefined, string]> {
  return new Promise((resolve, reject) => {
    request(url, { method, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => {
        resolve([response.statusCode, text]);
      });
    })
      .on('error', reject)
      .end();
  });
}
