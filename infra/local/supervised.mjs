// A child process that is started again when it dies: at once when it had started well, later and later when it had not.
import { spawn } from 'node:child_process';
import fs from 'node:fs';

const RESTART_MS = 250;
const RESTART_MS_MAX = 10_000;
/** Who says that it is ready, or lived this long, has started well: its next death is a first one again. */
const HEALTHY_MS = 10_000;

/**
 * @param {{ name: string, args: string[], env: NodeJS.ProcessEnv, log_file: string, ready?: RegExp, onExit?: (code: number | null, signal: string | null) => void }} options
 *   `ready` matches the line of its output that says it has started; its first group is handed to `started()`.
 */
export function supervise({ name, args, env, log_file, ready, onExit }) {
  let child;
  let stopping = false;
  let wait_ms = RESTART_MS;
  let timer;
  let settle;
  const started = new Promise((resolve, reject) => {
    settle = { resolve, reject };
  });
  const log = fs.openSync(log_file, 'a');

  const start = () => {
    const born_ms = performance.now();
    // The channel carries nothing: it closes when this process dies, however it dies, and the child ends itself then.
    child = spawn(process.execPath, ['--enable-source-maps', ...args], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    let tail = '';
    const listen = (chunk) => {
      fs.writeSync(log, chunk);
      tail = (tail + chunk).slice(-4_000);
      const match = ready?.exec(tail);
      if (!match) return;
      settle.resolve(match[1]);
      wait_ms = RESTART_MS;
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    if (!ready) settle.resolve(undefined);
    child.on('exit', (code, signal) => {
      onExit?.(code, signal);
      if (stopping) return;
      // What never started will not start by trying again: say what it said.
      if (code !== null && code !== 0) settle.reject(new Error(tail.trim() || `${name} ended with ${code}`));
      if (performance.now() - born_ms > HEALTHY_MS) wait_ms = RESTART_MS;
      timer = setTimeout(start, wait_ms);
      wait_ms = Math.min(RESTART_MS_MAX, wait_ms * 2);
    });
  };
  start();

  return {
    name,
    started,
    get pid() {
      return child.pid;
    },
    kill: (signal) => child.kill(signal),
    /** Asks, then insists. */
    async stop(within_ms = 8_000) {
      stopping = true;
      clearTimeout(timer);
      if (child.exitCode !== null || child.signalCode !== null) return;
      // Its last words come after its exit.
      const gone = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      const insist = setTimeout(() => child.kill('SIGKILL'), within_ms);
      await gone;
      clearTimeout(insist);
      fs.closeSync(log);
    },
  };
}
