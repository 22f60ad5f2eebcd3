import fs from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import type { TestBroker } from '../support/broker.js';
import { ROOT } from './local-heap.js';
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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A process of the broker that does nothing but hold the sockets of nodes, started again when it dies. */
export class GatewayProcess {
  private deaths = 0;

  private constructor(
    readonly name: string,
    readonly port: number,
    private readonly child: Supervised,
    private readonly log_file: string,
  ) {}

  static async start(broker: TestBroker, name: string): Promise<GatewayProcess> {
    const launcher: string = path.join(ROOT, 'infra/local/supervised.mjs');
    const { supervise } = (await import(launcher)) as { supervise: (options: SuperviseOptions) => Supervised };
    const system = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(HEAP_|DATABASE_URL|REDIS_URL|TEST_)/.test(key)));
    const log_file = path.join(broker.config.data_dir, `${name}.log`);
    const port = await freePort();
    const child = supervise({
      name,
      args: [path.join(ROOT, 'dist/apps/broker/src/main.js')],
      env: {
        ...system,
        DATABASE_URL: broker.database_url,
        HEAP_DATA_DIR: broker.config.data_dir,
        HEAP_PORT: String(port),
        HEAP_ROLES: 'gateway',
        HEAP_GATEWAY_NAME: name,
        HEAP_DATABASE_POOL: '8',
      },
      log_file,
      ready: /heap: ready on (\S+)/,
    });
    await child.started;
    return new GatewayProcess(name, port, child, log_file);
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
