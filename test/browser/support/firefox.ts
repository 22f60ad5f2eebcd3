import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { expression, firstOf, type TestBrowser } from './browser.js';
import { descendants, pssBytes } from './memory.js';

/** Where Debian puts it; `FIREFOX_PATH` names another. */
export const FIREFOX = firstOf([process.env.FIREFOX_PATH, '/usr/bin/firefox-esr', '/usr/bin/firefox']);

const START_MS_MAX = 60_000;

/** Opens the test page in the system's own Firefox by WebDriver BiDi, the W3C's protocol, of which five commands are enough here. */
export async function openFirefox(url: string): Promise<TestBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'heap-firefox-'));
  const firefox = spawn(FIREFOX ?? '', ['--headless', '--no-remote', '--remote-debugging-port=0', '--profile', profile], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' },
  });
  const closed = new Promise<void>((resolve) => firefox.once('close', () => resolve()));
  const end = async () => {
    firefox.kill('SIGKILL');
    await closed;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    const bidi = await BiDi.connect(`${await listeningAt(firefox)}/session`);
    const { capabilities } = await bidi.send<{ capabilities: { browserName: string; browserVersion: string } }>('session.new', {
      capabilities: {},
    });
    const { contexts } = await bidi.send<{ contexts: { context: string }[] }>('browsingContext.getTree', {});
    const context = contexts[0]?.context;
    await bidi.send('browsingContext.navigate', { context, url, wait: 'complete' });
    return {
      version: `Firefox ${capabilities.browserVersion}`,
      async call(name, argument) {
        const params = { expression: expression(name, argument), target: { context }, awaitPromise: true };
        const answer = await bidi.send<Evaluated>('script.evaluate', params);
        if (answer.type === 'exception') throw new Error(answer.exceptionDetails.text);
        return JSON.parse(answer.result.value);
      },
      memoryBytes: async () => descendants(firefox.pid ?? 0).reduce((sum, pid) => sum + pssBytes(pid), 0),
      close: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

type Evaluated = { type: 'success'; result: { value: string } } | { type: 'exception'; exceptionDetails: { text: string } };

/** Firefox says on standard error where it listens. */
function listeningAt(firefox: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (why: string) => reject(new Error(`Firefox ${why}: ${said.slice(-1000)}`));
    const timer = setTimeout(() => fail('did not start in time'), START_MS_MAX);
    firefox.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const address = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(said)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    });
    firefox.once('close', () => fail('ended'));
    firefox.once('error', ({ message }) => fail(message));
  });
}

interface Waiting {
  resolve(result: never): void;
  reject(error: Error): void;
}

class BiDi {
  private last_id = 0;
  private readonly waiting = new Map<number, Waiting>();

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data) => {
      const { id, type, result, error, message } = JSON.parse(String(data));
      const asked = this.waiting.get(id);
      this.waiting.delete(id);
      if (type === 'success') asked?.resolve(result as never);
      else asked?.reject(new Error(`${error}: ${message}`));
    });
    socket.on('close', () => {
      for (const { reject } of this.waiting.values()) reject(new Error('Firefox has gone'));
    });
  }

  static connect(url: string): Promise<BiDi> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, { maxPayload: 256 * 1024 * 1024 });
      socket.once('open', () => resolve(new BiDi(socket)));
      socket.once('error', reject);
    });
  }

  send<T = unknown>(method: string, params: object): Promise<T> {
    const id = ++this.last_id;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }
}
