import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifyWebhook, type WebhookNotice } from '#sdk';

export interface Received {
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** Somebody's server that takes webhooks. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  status = 200;
  answer = 'thanks';
  private waiting: (() => void)[] = [];

  private constructor(
    private readonly server: http.Server,
    readonly url: string,
  ) {}

  static async start(): Promise<WebhookReceiver> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const receiver = new WebhookReceiver(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
    server.on('request', (request, response) => void receiver.take(request, response));
    return receiver;
  }

  /** What came, in order, each checked with the secret. */
  verified(secret: string): Promise<WebhookNotice[]> {
    return Promise.all(this.received.map(({ headers, body }) => verifyWebhook({ secret, headers, body })));
  }

  async until(count: number): Promise<void> {
    while (this.received.length < count) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let body = '';
    for await (const part of request) body += String(part);
    this.received.push({ headers: request.headers, body });
    response.writeHead(this.status).end(this.answer);
    for (const wake of this.waiting.splice(0)) wake();
  }
}
