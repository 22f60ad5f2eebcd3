import { Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { OutwardClient } from './outward-client.js';

@Module({
  providers: [
    { provide: OutwardClient, useFactory: ({ outward_allowed }: Config) => new OutwardClient(outward_allowed), inject: [CONFIG] },
  ],
  exports: [OutwardClient],
})
export class OutwardModule {}
