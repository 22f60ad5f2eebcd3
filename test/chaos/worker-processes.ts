import type { TestBroker } from '../support/broker.js';
import { BrokerProcess } from './broker-process.js';

/** A process of the broker that does nothing but work off queues and sweeps. */
export class WorkerProcess extends BrokerProcess {
  static async start(broker: TestBroker, name: string): Promise<WorkerProcess> {
    return new WorkerProcess(await BrokerProcess.launch(broker, name, { HEAP_PORT: '0', HEAP_ROLES: 'worker', HEAP_DATABASE_POOL: '8' }));
  }
}
