import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';

/** How a page is looked at. */
export interface Look {
  /** CSS pixels. */
  readonly width: number;
  readonly scheme: 'light' | 'dark';
}

type Parameters = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly error?: { readonly message: string };
}

interface Waiting {
  /** With the whole message. */
  readonly resolve: (text: string) => void;
  readonly reject: (error: Error) => void;
}

/** Key codes a page can tell from `key`. */
const KEY_CODES: Readonly<Record<string, number>> = { Tab: 9, Enter: 13, ' ': 32, ArrowRight: 39 };
const SCREENSHOTS = 'dist/screenshots';
const HEIGHT = 900;

/**
 * One page of a headless Chromium, driven by the DevTools protocol over a pipe: commands go to its descriptor 3, answers
 * come from 4, each ended by a zero byte (`--remote-debugging-pipe`).
 */
export class Browser {
  readonly #process: ChildProcess;
  readonly #commands: Writable;
  readonly #folder: string;
  readonly #waiting = new Map<number, Waiting>();
  readonly #events = new Map<string, () => void>();
  #complaints: string[] = [];
  #session: string | undefined;
  #last = 0;

  private constructor(program: string) {
    this.#folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-pictures-'));
    this.#process = spawn(
      program,
      [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--hide-scrollbars',
        '--remote-debugging-pipe',
        `--user-data-dir=${this.#folder}`,
      ],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    const [, , , commands, answers] = this.#process.stdio;
    if (!(commands instanceof Writable) || !(answers instanceof Readable)) {
      throw new Error('no pipes to Chromium');
    }
    this.#commands = commands;
    let rest = '';
    answers.setEncoding('utf8').on('data', (chunk: string) => {
      const messages = (rest + chunk).split('\0');
      rest = messages.pop() ?? '';
      for (const message of messages) this.#take(message);
    });
  }

  /** Starts the browser `CHROMIUM` names, as run.sh does. */
  static async start(): Promise<Browser> {
    const browser = new Browser(process.env['CHROMIUM'] ?? 'chromium');
    const { targetId } = await browser.#send<{ targetId: string }>('Target.createTarget', {
      url: 'about:blank',
    });
    const { sessionId } = await browser.#send<{ sessionId: string }>('Target.attachToTarget', {
      targetId,
      flatten: true,
    });
    browser.#session = sessionId;
    for (const domain of ['Page', 'Runtime', 'Log', 'Accessibility']) {
      await browser.#send(`${domain}.enable`);
    }
    return browser;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#session = undefined;
    await this.#send('Browser.close').catch(() => undefined);
    await ended;
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Shows a document, and waits until it is laid out. What it complained of before is forgotten. */
  async show(content: string, kind: 'html' | 'svg', { width, scheme }: Look): Promise<void> {
    const file = join(this.#folder, `page.${kind}`);
    writeFileSync(file, content);
    const metrics = { width, height: HEIGHT, deviceScaleFactor: 1, mobile: false };
    await this.#send('Emulation.setDeviceMetricsOverride', metrics);
    const features = [{ name: 'prefers-color-scheme', value: scheme }];
    await this.#send('Emulation.setEmulatedMedia', { features });
    this.#complaints = [];
    const loaded = new Promise<void>((resolve) => {
      this.#events.set('Page.loadEventFired', resolve);
    });
    await this.#send('Page.navigate', { url: `file://${file}` });
    await loaded;
  }

  /** What an expression in the page is; promises are waited for. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.#send<{
      result: { value: T };
      exceptionDetails?: { exception?: { description?: string } };
    }>('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails !== undefined) {
      throw new Error(exceptionDetails.exception?.description ?? 'the page threw');
    }
    return result.value;
  }

  async press(key: string): Promise<void> {
    const code = KEY_CODES[key];
    const text = key === 'Enter' ? '\r' : key === ' ' ? ' ' : undefined;
    const event = { key, windowsVirtualKeyCode: code, nativeVirtualKeyCode: code };
    await this.#send('Input.dispatchKeyEvent', { type: 'keyDown', ...event, text });
    await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  async type(text: string): Promise<void> {
    await this.#send('Input.insertText', { text });
  }

  /** What a screen reader is told: roles and names of everything that is not left out. */
  async accessible(): Promise<readonly { readonly role: string; readonly name: string }[]> {
    const { nodes } = await this.#send<{
      nodes: readonly {
        ignored: boolean;
        role?: { value: string };
        name?: { value: string };
      }[];
    }>('Accessibility.getFullAXTree');
    return nodes
      .filter(({ ignored }) => !ignored)
      .map(({ role, name }) => ({ role: role?.value ?? '', name: name?.value ?? '' }));
  }

  /** Exceptions, and what the browser refused to load or run, since the page was shown. */
  get complaints(): readonly string[] {
    return this.#complaints;
  }

  /** Keeps a picture of the whole page. */
  async screenshot(name: string): Promise<void> {
    const { data } = await this.#send<{ data: string }>('Page.captureScreenshot', {
      captureBeyondViewport: true,
    });
    mkdirSync(SCREENSHOTS, { recursive: true });
    writeFileSync(join(SCREENSHOTS, `${name}.png`), Buffer.from(data, 'base64'));
  }

  /** What the protocol says the method answers is `T`. */
  async #send<T>(method: string, params: Parameters = {}): Promise<T> {
    const id = ++this.#last;
    const answer = new Promise<string>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    const sessionId = this.#session;
    this.#commands.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result }: { result: T } = JSON.parse(await answer);
    return result;
  }

  #take(text: string): void {
    const { id, method, params, error }: Message = JSON.parse(text);
    if (id !== undefined) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(text);
      else waiting?.reject(new Error(error.message));
      return;
    }
    if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') {
      this.#complaints.push(JSON.stringify(params));
    }
    this.#events.get(method ?? '')?.();
  }
}
