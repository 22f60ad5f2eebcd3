import fs from 'node:fs';
import path from 'node:path';
import { readSettings } from '../../apps/broker/src/platform/config/config.js';
import { ROLES } from '../../apps/broker/src/platform/config/settings.js';

/*
 * Docker and Helm are not on this machine: what can be checked without them is that the files are YAML, that every variable is one the
 * broker takes, and that both files describe the same heap.
 */
const ROOT = path.resolve(import.meta.dirname, '../../..');
const INFRA = path.join(ROOT, 'infra');
const read = (...names: string[]) => fs.readFileSync(path.join(INFRA, ...names), 'utf8');

// Comes with Jest, without types.
const library: string = 'js-yaml';
const { safeLoad } = ((await import(library)) as { default: { safeLoad: (text: string) => unknown } }).default;
const yaml = <T>(text: string): T => safeLoad(text) as T;

interface Service {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  stop_grace_period?: string;
}
interface Workload {
  kind: string;
  spec: {
    replicas?: number;
    template: {
      spec: {
        terminationGracePeriodSeconds?: number;
        containers: {
          image: string;
          command?: string[];
          env?: { name: string; value: string }[];
          volumeMounts?: { mountPath: string }[];
        }[];
      };
    };
  };
}

const values = yaml<Record<string, unknown>>(read('helm', 'values.yaml'));

/** The chart uses nothing of Helm but these two. */
function rendered(template: string): string {
  return template.replace(/\{\{ (\.[\w.]+) \}\}/g, (_, name: string) => {
    const [root, ...rest] = name.slice(1).split('.');
    const value = root === 'Release' ? 'heap' : rest.reduce<unknown>((from, key) => (from as Record<string, unknown>)[key], values);
    if (value === undefined) throw new Error(`values.yaml has no ${name}`);
    return String(value);
  });
}

const compose = yaml<{ services: Record<string, Service> }>(read('compose.yml'));
const templates = fs.readdirSync(path.join(INFRA, 'helm', 'templates'));
const workload = (role: string) => yaml<Workload>(rendered(read('helm', 'templates', `${role}.yaml`)));

/** With the variables that whoever starts it must give. */
const given = { POSTGRES_PASSWORD: 'x', HEAP_AUTH_SECRET: 'x'.repeat(64) } as Record<string, string>;
const interpolated = (text: string) =>
  text.replace(
    /\$\{(\w+)(?::([-?])([^}]*))?\}/g,
    (_, name: string, kind: string, rest: string) => given[name] ?? (kind === '-' ? rest : ''),
  );
const composeEnv = (role: string) =>
  Object.fromEntries(Object.entries(compose.services[role]?.environment ?? {}).map(([name, value]) => [name, interpolated(value)]));
const helmEnv = (role: string) =>
  Object.fromEntries((workload(role).spec.template.spec.containers[0]?.env ?? []).map((e) => [e.name, e.value]));

test.each(templates)('%s of the chart is YAML without a template left in it', (name) => {
  const text = rendered(read('helm', 'templates', name));
  expect(text).not.toContain('{{');
  expect(yaml<{ kind: string }>(text)).toMatchObject({
    apiVersion: expect.any(String),
    metadata: { name: expect.stringMatching(/^heap/) },
  });
});

test.each(ROLES)('the role %s has a process in both, with settings that the broker takes', (role) => {
  const settings = readSettings(composeEnv(role));
  expect(settings.roles).toEqual([role]);
  const secret = { DATABASE_URL: 'postgresql://heap:x@postgres:5432/heap', HEAP_AUTH_SECRET: 'x'.repeat(64) };
  expect(readSettings({ ...secret, ...helmEnv(role) })).toEqual({
    ...settings,
    public_url: values.publicUrl,
    trusted_proxies: [values.trustedProxies],
  });
  const pod = workload(role).spec.template.spec;
  expect(pod.containers[0]?.image).toBe(compose.services[role]?.image);
  expect(compose.services[role]?.volumes).toEqual(['heap-data:/data']);
  expect(pod.containers[0]?.volumeMounts).toMatchObject([{ mountPath: '/data' }]);
  // Whoever kills a gateway while it drains loses what the draining is for.
  expect(pod.terminationGracePeriodSeconds).toBe(Number.parseInt(compose.services[role]?.stop_grace_period ?? '', 10));
  expect((pod.terminationGracePeriodSeconds ?? 0) * 1_000).toBeGreaterThan(settings.drain_ms + 5_000);
});

test('both migrate the database with the same command before anything starts', () => {
  const job = workload('migrate').spec.template.spec.containers[0];
  expect(job?.command).toEqual(compose.services.migrate?.command);
  expect(job?.image).toBe(compose.services.migrate?.image);
  for (const part of job?.command?.slice(1, 2) ?? []) expect(fs.existsSync(path.join(ROOT, part))).toBe(true);
});

test('sockets go to the gateways and everything else to the api, in both', () => {
  const ingress = rendered(read('helm', 'templates', 'ingress.yaml'));
  expect([...ingress.matchAll(/path: (\S+)[\s\S]*?name: heap-(\w+)/g)].map(([, at, to]) => [at, to])).toEqual([
    ['/v1/socket', 'gateway'],
    ['/', 'api'],
  ]);
  expect([...read('nginx.conf').matchAll(/location (?:= )?(\S+) \{\s+proxy_pass \$(\w+)/g)].map(([, at, to]) => [at, to])).toEqual([
    ['/v1/socket', 'gateway'],
    ['/', 'api'],
  ]);
});

test('the balancer says whom it heard from, and is believed', () => {
  const { networks } = compose as unknown as { networks: { default: { ipam: { config: { subnet: string }[] } } } };
  expect(readSettings(composeEnv('gateway')).trusted_proxies).toEqual(networks.default.ipam.config.map(({ subnet }) => subnet));
  // nginx inherits these only where a location has none of its own.
  for (const [location] of read('nginx.conf').matchAll(/location [^{]+\{[^}]+\}/g))
    if (location.includes('proxy_set_header')) {
      expect(location).toContain('proxy_set_header Host $http_host;');
      expect(location).toContain('proxy_set_header X-Forwarded-For $remote_addr;');
    }
  expect(read('nginx.conf').split('location')[0]).toContain('proxy_set_header X-Forwarded-For $remote_addr;');
});

test('what the image copies is there', () => {
  const copied = [...read('Dockerfile').matchAll(/^COPY --from=build (.+) \S+$/gm)].flatMap(([, from]) => (from ?? '').split(' '));
  expect(copied.length).toBeGreaterThan(4);
  for (const name of copied) expect([name, fs.existsSync(path.join(ROOT, name.replace('/heap/', '')))]).toEqual([name, true]);
});
