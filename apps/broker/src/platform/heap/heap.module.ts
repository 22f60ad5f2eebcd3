import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { HeapController } from './heap.controller.js';
import { welcomePage } from './welcome-page.js';

/** The heap's face: glance, health, API document and the page a browser sees first. */
@Module({ controllers: [HeapController] })
export class HeapModule implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    fastify.get('/', async (_, reply) =>
      reply.header('cache-control', 'public, max-age=300').type('text/html; charset=utf-8').send(welcomePage()),
    );
  }
}
