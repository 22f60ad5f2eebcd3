import { WorkerHost } from '@nestjs/bullmq';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { type Job, Queue } from 'bullmq';

/** Puts what goes wrong in queues and workers into the log; BullMQ itself only emits it. */
@Injectable()
export class QueueWatch implements OnApplicationBootstrap {
  private readonly logger = new Logger('queues');

  constructor(private readonly discovery: DiscoveryService) {}

  onApplicationBootstrap(): void {
    for (const { instance } of this.discovery.getProviders()) {
      if (instance instanceof Queue)
        instance.on('error', (error) => this.logger.warn({ err: error, queue: instance.name }, 'queue trouble'));
      if (instance instanceof WorkerHost) this.watch(instance);
    }
  }

  private watch(host: WorkerHost): void {
    const worker = workerOf(host);
    if (!worker) return;
    worker.on('error', (error) => this.logger.warn({ err: error, queue: worker.name }, 'worker trouble'));
    worker.on('failed', (job: Job | undefined, error) => {
      const line = { err: error, queue: worker.name, job: job?.name, job_id: job?.id, attempt: job?.attemptsMade };
      this.logger.error(line, 'queued job failed');
    });
  }
}

/** The getter throws where no worker was made, in processes without the role. */
function workerOf(host: WorkerHost) {
  try {
    return host.worker;
  } catch {
    return undefined;
  }
}
