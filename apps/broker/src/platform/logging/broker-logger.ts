import { Logger } from 'nestjs-pino';

/** What Nest itself reports while it starts: of interest when a module is missing, noise otherwise. */
const FRAMEWORK: readonly unknown[] = [
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'WebSocketsController',
  'NestApplication',
];

/** Nest's logger over pino, with the framework's own news at debug. */
export class BrokerLogger extends Logger {
  override log(message: unknown, ...optional: unknown[]): void {
    if (FRAMEWORK.includes(optional.at(-1))) super.debug(message, ...(optional as []));
    else super.log(message, ...(optional as []));
  }

  /** An error that stops the start is told by whoever started the broker, once. */
  override error(message: unknown, ...optional: unknown[]): void {
    if (optional.at(-1) === 'ExceptionHandler') super.debug(message, ...(optional as []));
    else super.error(message, ...(optional as []));
  }
}
