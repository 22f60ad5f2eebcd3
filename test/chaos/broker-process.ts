import fs from 'node:fs';
import path from 'node:path';
import type { TestBroker } from '../support/broker.js';
import { ROOT, systemEnv } from './local-heap.js';
import { until } from './until.js';

const UP_WITHIN_MS = 90_000;

interface Supervised {
  readonly pid: number;
  started: Promise<unknown>;
  stop: () => Promise<void>;
}
interface SuperviseOptions {
  name: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  log_file: string;
  ready: RegExp;
}
export interface Launched {
  name: string;
  child: Supervised;
  log_file: string;
}

/** A process of the broker beside the test's own, with a part of its roles, started again when it dies. */
export class BrokerProcess {
  readonly name: string;
  protected readonly child: Supervised;
  private readonly log_file: string;
  private deaths = 0;

  protected constructor({ name, child, log_file }: Launched) {
    this.name = name;
    this.child = child;
    this.log_file = log_file;
  }

  /** Starts it on the broker's database and data, with these settings and none of the caller's, and waits until it is ready. */
  protected static async launch(broker: TestBroker, name: string, settings: Record<string, string>): Promise<Launched> {
    const launcher: string = path.join(ROOT, 'infra/local/supervised.mjs');
    const { supervise } = (await import(launcher)) as { supervise: (options: SuperviseOptions) => Supervised };
    const log_file = path.join(broker.config.data_dir, `${name}.log`);
    const child = supervise({
      name,
      args: [path.join(ROOT, 'dist/apps/broker/src/main.js')],
      env: { ...systemEnv(), DATABASE_URL: broker.database_url, HEAP_DATA_DIR: broker.config.data_dir, ...settings },
      log_file,
      ready: /heap: ready on (\S+)/,
    });
    await child.started;
    return { name, child, log_file };
  }

  get pid(): number {
    return this.child.pid;
  }

  /** Once it is up again after its last death. */
  async up(): Promise<void> {
    await until(`${this.name} to be up`, UP_WITHIN_MS, () => {
      const starts = fs.readFileSync(this.log_file, 'utf8').match(/heap: ready on/g)?.length ?? 0;
      return starts > this.deaths || undefined;
    });
  }

  /** At once, or by the signal at which it drains first. */
  kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): number {
    const { pid } = this.child;
    process.kill(pid, signal);
    this.deaths += 1;
    return pid;
  }

  stop(): Promise<void> {
    return this.child.stop();
  }
}
