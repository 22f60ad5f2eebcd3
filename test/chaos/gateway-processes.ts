import { type AddressInfo, createServer } from 'node:net';
import type { TestBroker } from '../support/broker.js';
import { BrokerProcess, type Launched } from './broker-process.js';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A process of the broker that does nothing but hold the sockets of nodes. */
export class GatewayProcess extends BrokerProcess {
  private constructor(
    launched: Launched,
    readonly port: number,
  ) {
    super(launched);
  }

  static async start(broker: TestBroker, name: string): Promise<GatewayProcess> {
    const port = await freePort();
    const launched = await BrokerProcess.launch(broker, name, {
      HEAP_PORT: String(port),
      HEAP_ROLES: 'gateway',
      HEAP_GATEWAY_NAME: name,
      HEAP_DATABASE_POOL: '8',
    });
    return new GatewayProcess(launched, port);
  }
}
