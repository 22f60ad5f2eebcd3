import { randomBytes } from 'node:crypto';
import { apiKey } from '@better-auth/api-key';
import { passkey } from '@better-auth/passkey';
import { Logger } from '@nestjs/common';
import { betterAuth } from 'better-auth';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { bearer } from 'better-auth/plugins';
import type { Database } from '#database';
import { uuidv7 } from '#units';
import type { Config } from '../config/config.js';
import { API_KEY_PREFIX, API_KEY_START_LENGTH, generateApiKey } from './api-key-format.js';
import { hashPassword, verifyPassword } from './passwords.js';
import { API_KEY_TABLE, CREDENTIAL_TABLE, PASSKEY_TABLE, PERSON_TABLE, SESSION_TABLE, VERIFICATION_TABLE } from './tables.js';

const DAY_S = 86_400;

/** The header by which the mount tells better-auth the client's address; a client's own is overwritten. */
export const ADDRESS_HEADER = 'x-heap-address';
export const AUTH_PATH = '/api/auth';
export const PASSWORD_LENGTH_MIN = 10;

/** The cookie of a session: bound to this host and to https where the heap is served so. */
export const sessionCookieName = ({ public_url }: Pick<Config, 'public_url'>): string =>
  `${isSecure(public_url) ? '__Host-' : ''}heap.session_token`;

const isSecure = (public_url: string | undefined): boolean => public_url?.startsWith('https:') ?? false;

export interface Hooks {
  /** Runs once for every new person, after the person is stored. */
  onPersonCreated(person_id: string): Promise<void>;
  /** Runs at every sign-in. */
  onSignedIn(person_id: string): Promise<void>;
  /** Runs when a session of this person was ended, by whatever request. */
  onSessionEnded(person_id: string): void;
}

/** The one door to better-auth: passwords, sessions and API keys over our own tables. */
export function createAuthentication(config: Config, database: Database, hooks: Hooks) {
  const logger = new Logger('authentication');
  return betterAuth({
    appName: config.name,
    // Without a public address each request's own Host is the origin: right for a heap on loopback or a home network.
    ...(config.public_url && { baseURL: config.public_url }),
    basePath: AUTH_PATH,
    secret: config.auth_secret,
    telemetry: { enabled: false },
    database: prismaAdapter(database.prisma, { provider: 'postgresql', transaction: true }),
    user: PERSON_TABLE,
    // How fresh a sign-in must be for what is told by accounts/, which knows of proofs after it.
    session: { ...SESSION_TABLE, expiresIn: config.session_days * DAY_S, updateAge: DAY_S, freshAge: 0 },
    account: CREDENTIAL_TABLE,
    verification: VERIFICATION_TABLE,
    emailAndPassword: {
      enabled: true,
      minPasswordLength: PASSWORD_LENGTH_MIN,
      maxPasswordLength: 128,
      password: { hash: hashPassword, verify: ({ hash, password }) => verifyPassword(hash, password) },
    },
    plugins: [
      // A token without our signature is refused, so that a copy of the session table signs nobody in.
      bearer({ requireSignature: true }),
      apiKey(
        {
          customKeyGenerator: generateApiKey,
          defaultPrefix: API_KEY_PREFIX,
          startingCharactersConfig: { charactersLength: API_KEY_START_LENGTH },
          maximumNameLength: 64,
          keyExpiration: { maxExpiresIn: 365 },
          // Requests are limited for all credentials alike, in platform/http.
          rateLimit: { enabled: false },
        },
        { schema: { apikey: API_KEY_TABLE } },
      ),
      passkey({
        rpName: config.name,
        // A heap without a public address is used on its own machine: there browsers allow passkeys for localhost, and for no bare address.
        rpID: config.public_url ? new URL(config.public_url).hostname : 'localhost',
        ...(config.public_url && { origin: config.public_url }),
        // Kept on the device with a name, so that nobody need type an address to sign in.
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        schema: { passkey: PASSKEY_TABLE },
      }),
    ],
    rateLimit: {
      enabled: true,
      window: 60,
      max: 600,
      customRules: Object.fromEntries(
        ['/sign-in/*', '/sign-up/*', '/change-password', '/passkey/verify-authentication'].map((path) => [
          path,
          { window: 60, max: config.sign_in_attempts_per_minute },
        ]),
      ),
    },
    advanced: {
      database: { generateId: () => uuidv7(Date.now(), randomBytes(10)) },
      // The mount refuses other sites' pages by Origin and Sec-Fetch-Site, in every environment. This check would also
      // refuse programs: the fetch of Node.js sends Sec-Fetch-Mode and no Origin.
      disableCSRFCheck: true,
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
      cookiePrefix: 'heap',
      // The __Host- prefix is in our name for the cookie; better-auth would put __Secure- before it.
      useSecureCookies: false,
      defaultCookieAttributes: { secure: isSecure(config.public_url) },
      cookies: { session_token: { name: sessionCookieName(config) } },
    },
    // Errors come to the mount as they are, instead of to the console.
    onAPIError: { throw: true },
    databaseHooks: {
      user: { create: { after: ({ id }) => hooks.onPersonCreated(id) } },
      session: {
        create: { after: ({ userId }) => hooks.onSignedIn(userId) },
        delete: { after: async ({ userId }) => hooks.onSessionEnded(userId) },
      },
    },
    // Below errors it tells of wrong passwords, which anyone can cause at will.
    logger: { level: 'error', log: (_, message, cause: unknown) => report(logger, message, cause) },
  });
}

function report(logger: Logger, message: string, cause: unknown): void {
  const refused = typeof (cause as { statusCode?: unknown } | undefined)?.statusCode === 'number';
  if (refused) logger.debug(message);
  else logger.error({ err: cause }, message);
}

/** Injection token of the one instance, provided by accounts/. */
export const AUTHENTICATION = Symbol('AUTHENTICATION');
export type Authentication = ReturnType<typeof createAuthentication>;
