import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { PinoLogger } from 'nestjs-pino';
import { BrokerModule } from './broker.module.js';
import type { Config } from './platform/config/config.js';
import { createAdapter, prepareServer } from './platform/http/server.js';
import { BrokerLogger } from './platform/logging/broker-logger.js';
import { createLogger } from './platform/logging/logger.js';
import { assertRedisReachable } from './platform/queue/redis-reachable.js';
import { FrameAdapter } from './platform/socket/frame-adapter.js';

/** The whole broker, ready to listen: `await app.listen(config.port, config.host)`. */
export async function createApp(config: Config): Promise<NestFastifyApplication> {
  if (config.redis_url) await assertRedisReachable(config.redis_url);
  const logger = await createLogger(config);
  const app = await NestFactory.create<NestFastifyApplication>(BrokerModule.forRoot(config, logger), createAdapter(config, logger), {
    bodyParser: false,
    logger: new BrokerLogger(new PinoLogger({ pinoHttp: { logger } }), {}),
    abortOnError: false,
  });
  app.useWebSocketAdapter(new FrameAdapter(app));
  await prepareServer(app, config);
  return app;
}
