import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { CONFIG, type Config, publicUrl } from '../config/config.js';

/** Under which address this heap is told to others: the configured one, or where this process listens. */
@Injectable()
export class OwnAddress {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly host: HttpAdapterHost,
  ) {}

  /** Without a slash at the end. */
  url(): string {
    const address: unknown = this.host.httpAdapter?.getHttpServer()?.address();
    // Port 0 of the configuration is a free one, known once the server listens.
    return publicUrl(this.config, portOf(address) ?? this.config.port);
  }
}

const portOf = (address: unknown): number | undefined =>
  typeof address === 'object' && address !== null && 'port' in address && typeof address.port === 'number' ? address.port : undefined;
