import { applyDecorators, Delete, Get, HttpCode, Post, Put, type StreamableFile } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { z } from 'zod';
import type { Route } from '#protocol';

const VERBS = { GET: Get, POST: Post, PUT: Put, DELETE: Delete };
const routes = new WeakMap<object, Route>();

/** What a handler answers with: the route's declared shape, bytes, or whatever it writes to a stream itself. */
export type Answer<R extends Route> = R['response'] extends z.ZodType
  ? z.input<R['response']>
  : R['response'] extends 'binary'
    ? Uint8Array | StreamableFile
    : R['response'] extends 'event-stream'
      ? unknown
      : // biome-ignore lint/suspicious/noConfusingVoidType: a handler that answers nothing returns what an async function does
        void;

type Handler<R extends Route> = (...parameters: never[]) => Answer<R> | Promise<Answer<R>>;

/**
 * Serves an entry of ROUTES with the decorated method: verb, path, status and access come from it, and the compiler
 * checks that the method's answer has the declared shape.
 */
export function Endpoint<R extends Route>(route: R) {
  return <T extends Handler<R>>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<T>): void => {
    if (descriptor.value) routes.set(descriptor.value, route);
    applyDecorators(VERBS[route.method](route.path), HttpCode(route.status), RouteConfig({ endpoint: route }))(target, key, descriptor);
  };
}

/** The entry of ROUTES that a handler serves, if it is an endpoint. */
export const endpointOf = (handler: object): Route | undefined => routes.get(handler);
