import { type DynamicModule, RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import pino from 'pino';
import { ROUTES, type Route } from '#protocol';
import { BrokerModule } from './broker.module.js';
import { type Config, readSettings } from './platform/config/config.js';
import { endpointOf } from './platform/http/endpoint.js';

const settings = readSettings({ DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' });
const config: Config = { ...settings, auth_secret: 'x'.repeat(32), simulated_payments: true };

type Imported = Type | DynamicModule | { forwardRef: () => Type };

/** All controllers of a module and of what it imports. */
function controllersOf(imported: Imported, seen = new Set<unknown>()): Type[] {
  if (seen.has(imported)) return [];
  seen.add(imported);
  const dynamic = 'module' in imported ? imported : undefined;
  const module = (dynamic?.module ?? imported) as Type;
  const listed = (key: 'imports' | 'controllers') => [
    ...((dynamic?.[key] ?? []) as never[]),
    ...((Reflect.getMetadata(key, module) ?? []) as never[]),
  ];
  return [...(listed('controllers') as Type[]), ...(listed('imports') as Imported[]).flatMap((next) => controllersOf(next, seen))];
}

const handlers = [...new Set(controllersOf(BrokerModule.forRoot(config, pino({ level: 'silent' }))))].flatMap((controller) =>
  Object.values(Object.getOwnPropertyDescriptors(controller.prototype))
    .map(({ value }) => value as object)
    .filter((handler) => typeof handler === 'function' && Reflect.hasMetadata(METHOD_METADATA, handler)),
);
const served = handlers.map((handler) => endpointOf(handler));

test('every handler serves an entry of ROUTES', () => {
  expect(handlers.length).toBeGreaterThan(0);
  for (const [i, route] of served.entries())
    expect([String((handlers[i] as { name: string }).name), Object.values(ROUTES).includes(route as never)]).toContain(true);
});

test('no entry of ROUTES is served twice', () => {
  expect(new Set(served).size).toBe(served.length);
});

test.each(Object.entries(ROUTES) as [string, Route][])('%s is served, with its verb', (name, route) => {
  const i = served.indexOf(route);
  expect([name, i >= 0]).toEqual([name, true]);
  expect(RequestMethod[Reflect.getMetadata(METHOD_METADATA, handlers[i] as object)]).toBe(route.method);
});
