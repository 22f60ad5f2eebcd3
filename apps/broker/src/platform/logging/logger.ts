import pino, { type Logger } from 'pino';
import type { Config } from '../config/config.js';

/** Members that never reach a log, of the logged object and of the objects in it. */
const SECRETS = ['authorization', 'cookie', '["set-cookie"]', 'password', 'secret', 'token', 'api_key', 'enrolment_code'];

const paths = SECRETS.flatMap((name) => (name.startsWith('[') ? [name, `*${name}`, `*.*${name}`] : [name, `*.${name}`, `*.*.${name}`]));

/**
 * The process's one logger: JSON lines for machines, readable lines on a terminal outside production. Pretty printing
 * runs in this thread, so that the last words of a dying process are not lost.
 */
export async function createLogger(config: Pick<Config, 'log_level'>, destination?: pino.DestinationStream): Promise<Logger> {
  const options: pino.LoggerOptions = {
    level: config.log_level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths, censor: '***' },
  };
  if (destination) return pino(options, destination);
  if (!process.stdout.isTTY || process.env.NODE_ENV === 'production') return pino(options);
  const { default: pretty } = await import('pino-pretty');
  return pino(options, pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss', sync: true }));
}
