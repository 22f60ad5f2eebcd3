import { HTTP_LIMITS, ROUTES, type Route } from '#protocol';
import { collectSchemas, type Schemas } from './schemas.js';

type Json = Record<string, unknown>;

let built: { key: string; document: Json } | undefined;

/** The OpenAPI 3.1 document of ROUTES: what the broker's controllers serve, from the same data. */
export function openApiDocument({ name, version }: { name: string; version: string }): Json {
  const key = `${name}\n${version}`;
  if (built?.key !== key) built = { key, document: build(name, version) };
  return built.document;
}

function build(name: string, version: string): Json {
  const schemas = collectSchemas(ROUTES);
  const paths: Record<string, Json> = {};
  for (const [operationId, route] of Object.entries(ROUTES) as [string, Route][]) {
    const path = route.path.replace(/:([a-z_]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(operationId, route, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: name,
      version,
      description:
        'A market for the idle capacity of devices people already own. Money is a string of micro-units, a millionth of the currency.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: { schemas: schemas.components, responses: { Problem: PROBLEM }, securitySchemes: SECURITY },
  };
}

const PROBLEM: Json = {
  description: 'What went wrong, with a stable code, a sentence and who is at fault (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

const SECURITY: Json = {
  apiKey: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'oh_<id>_<secret><checksum>',
    description: "A person's API key, or the token of a session",
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'heap.session_token',
    description: "A browser's sign-in; __Host- is put before the name over https",
  },
  node: { type: 'http', scheme: 'bearer', bearerFormat: 'ohn_…', description: "A node's session token, from its socket" },
};

const PERSON = [{ apiKey: [] }, { session: [] }];
const security = ({ access }: Route): Json[] => {
  if (access === 'public') return [];
  if (access === 'node') return [{ node: [] }];
  return access === 'person-or-node' ? [...PERSON, { node: [] }] : PERSON;
};

function operation(operationId: string, route: Route, schemas: Schemas): Json {
  const body = requestBody(operationId, route, schemas);
  return {
    operationId,
    summary: route.summary,
    ...(isRole(route.access) && { description: `For people with the role ${route.access}.` }),
    security: security(route),
    parameters: [
      ...schemas.members(route.params).map((member) => ({ ...member, in: 'path', required: true })),
      ...schemas.members(route.query).map((member) => ({ ...member, in: 'query' })),
      ...(route.idempotent ? [IDEMPOTENCY_KEY] : []),
    ],
    ...(body && { requestBody: body }),
    responses: { [route.status]: success(operationId, route, schemas), default: { $ref: '#/components/responses/Problem' } },
  };
}

const isRole = (access: Route['access']): boolean => access === 'owner' || access === 'developer' || access === 'admin';

const IDEMPOTENCY_KEY: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  description: 'Made up by the client for this one deed; a repeated request with the same key does nothing twice',
  schema: { type: 'string', minLength: 1, maxLength: 128, pattern: '^[!-~]+$' },
};

function requestBody(operationId: string, { body, body_bytes_max = HTTP_LIMITS.blob_bytes }: Route, schemas: Schemas): Json | undefined {
  if (body === undefined) return undefined;
  if (body === 'form') return { required: false, content: { 'application/x-www-form-urlencoded': {} } };
  if (body === 'signed') return { required: true, content: { 'application/json': {} } };
  if (body !== 'binary' && body !== 'stream')
    return { required: true, content: { 'application/json': { schema: schemas.reference(`${operationId}.body`) } } };
  return { required: true, description: `At most ${body_bytes_max} bytes`, content: { 'application/octet-stream': {} } };
}

function success(operationId: string, { response }: Route, schemas: Schemas): Json {
  if (response === undefined) return { description: 'Done; there is nothing more to say' };
  if (response === 'binary') return { description: 'The bytes', content: { 'application/octet-stream': {} } };
  if (response === 'event-stream')
    return { description: 'Server-sent events', content: { 'text/event-stream': { schema: { type: 'string' } } } };
  return { description: 'Done', content: { 'application/json': { schema: schemas.reference(`${operationId}.response`) } } };
}
