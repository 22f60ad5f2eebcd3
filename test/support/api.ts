import { randomUUID } from 'node:crypto';

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of the body
  body: any;
}

/** One request to a broker under test, with a JSON body and a JSON answer. */
export async function call(
  url: string,
  method: string,
  path: string,
  more: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(more.token && { authorization: `Bearer ${more.token}` }),
      ...(more.body !== undefined && { 'content-type': 'application/json' }),
      ...more.headers,
    },
    ...(more.body !== undefined && { body: JSON.stringify(more.body) }),
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') && text !== '';
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
}

export interface SignedUp {
  person_id: string;
  email: string;
  password: string;
  /** Of the session made by signing up. */
  token: string;
}

/** Signs a new person up. */
export async function signUp(url: string, name = 'Ada'): Promise<SignedUp> {
  const email = `${name.toLowerCase()}-${randomUUID()}@example.org`;
  const password = `correct horse ${name}`;
  const { status, body } = await call(url, 'POST', '/api/auth/sign-up/email', { body: { email, name, password } });
  if (status !== 200) throw new Error(`sign-up answered ${status}: ${JSON.stringify(body)}`);
  return { person_id: body.user.id, email, password, token: body.token };
}
