/** better-auth's names for its tables and columns → ours, as prisma/schema/accounts.prisma has them. */
const TIMES = { createdAt: 'created_at', updatedAt: 'updated_at' } as const;

export const PERSON_TABLE = { modelName: 'person', fields: { emailVerified: 'email_verified', ...TIMES } } as const;

export const SESSION_TABLE = {
  modelName: 'session',
  fields: { userId: 'person_id', expiresAt: 'expires_at', ipAddress: 'ip_address', userAgent: 'user_agent', ...TIMES },
} as const;

export const CREDENTIAL_TABLE = {
  modelName: 'credential',
  fields: {
    accountId: 'account_id',
    providerId: 'provider_id',
    userId: 'person_id',
    accessToken: 'access_token',
    refreshToken: 'refresh_token',
    idToken: 'id_token',
    accessTokenExpiresAt: 'access_token_expires_at',
    refreshTokenExpiresAt: 'refresh_token_expires_at',
    ...TIMES,
  },
} as const;

export const VERIFICATION_TABLE = { modelName: 'verification', fields: { expiresAt: 'expires_at', ...TIMES } } as const;

export const API_KEY_TABLE = {
  modelName: 'apiKey',
  fields: {
    configId: 'config_id',
    referenceId: 'person_id',
    key: 'key_hash',
    lastRequest: 'last_used_at',
    expiresAt: 'expires_at',
    refillInterval: 'refill_interval',
    refillAmount: 'refill_amount',
    lastRefillAt: 'last_refill_at',
    rateLimitEnabled: 'rate_limit_enabled',
    rateLimitTimeWindow: 'rate_limit_time_window',
    rateLimitMax: 'rate_limit_max',
    requestCount: 'request_count',
    ...TIMES,
  },
} as const;

export const PASSKEY_TABLE = {
  modelName: 'passkey',
  fields: {
    publicKey: 'public_key',
    userId: 'person_id',
    credentialID: 'credential_id',
    deviceType: 'device_type',
    backedUp: 'backed_up',
    createdAt: 'created_at',
  },
} as const;
