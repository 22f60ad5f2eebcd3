/** An error of Stripe's, with the shape it has on the wire. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly type: 'invalid_request_error' | 'idempotency_error' | 'card_error' | 'api_error' | 'rate_limit_error',
    readonly code: string,
    message: string,
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }

  body(): unknown {
    return { error: { type: this.type, code: this.code, message: this.message, ...this.more } };
  }
}

export const missing = (id: string): Refusal => new Refusal(404, 'invalid_request_error', 'resource_missing', `No such object: '${id}'`);
export const invalid = (code: string, message: string): Refusal => new Refusal(400, 'invalid_request_error', code, message);
