import { Module } from '@nestjs/common';
import { HeapController } from './heap.controller.js';

/** What the heap says of itself: glance, health, API document. */
@Module({ controllers: [HeapController] })
export class HeapModule {}
