import { type DestinationStream, type Logger, pino } from 'pino';
import type { Log } from '#agent-core';
import type { AgentConfig } from './config.js';

/** JSON lines on standard output, or lines for people on a terminal. */
export async function makeLogger(config: Pick<AgentConfig, 'HEAP_LOG_FORMAT' | 'HEAP_LOG_LEVEL'>): Promise<Logger> {
  const { HEAP_LOG_LEVEL: level, HEAP_LOG_FORMAT: format = process.stdout.isTTY ? 'pretty' : 'json' } = config;
  if (format === 'json') return pino({ level, base: null });
  // In this process: a worker thread for the looks of a few lines would cost more memory than the agent has.
  const { default: pretty } = await import('pino-pretty');
  const stream: DestinationStream = pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' });
  return pino({ level }, stream);
}

export const coreLog = (logger: Logger): Log => ({
  debug: (fields, sentence) => logger.debug(fields, sentence),
  info: (fields, sentence) => logger.info(fields, sentence),
  warn: (fields, sentence) => logger.warn(fields, sentence),
  error: (fields, sentence) => logger.error(fields, sentence),
});
