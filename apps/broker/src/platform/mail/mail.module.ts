import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { MailCatcher } from './mail-catcher.js';
import { mountMailPage } from './mail-page.js';
import { Mailer } from './mailer.js';

@Module({ providers: [Mailer, MailCatcher], exports: [Mailer, MailCatcher] })
export class MailModule implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly catcher: MailCatcher,
  ) {}

  onModuleInit(): void {
    if (this.catcher.active) mountMailPage(this.host.httpAdapter.getInstance<FastifyInstance>(), this.catcher);
  }
}
