import { HeapError } from '#units';
import { call } from '../http/api.js';
import { SECURITY } from '../text/security.en.js';
import { withoutPasskeys } from './without-passkeys.js';

/** Why this page can use no passkeys; null where it can. */
export const noPasskeysHere = () =>
  withoutPasskeys({
    secure: isSecureContext,
    host: location.hostname,
    able: typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential,
  });

export interface Passkey {
  id: string;
  name: string | null;
  createdAt: string;
  /** Of one device, or kept by an account of the person's that brings it to several. */
  deviceType: 'singleDevice' | 'multiDevice';
}

/** Signs in, or proves again who somebody is, by a passkey of this heap. @throws HeapError, `passkey_cancelled` where the person did not go on */
export async function signInByPasskey(): Promise<void> {
  const options = await call<PublicKeyCredentialRequestOptionsJSON>('GET', '/api/auth/passkey/generate-authenticate-options');
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON({ ...options, userVerification: 'required' });
  const response = await asked(() => navigator.credentials.get({ publicKey }));
  await call('POST', '/api/auth/passkey/verify-authentication', { response });
}

/** Makes a passkey on this device. @throws HeapError `step_up.forbidden`, `passkey_cancelled`, `passkey_there` */
export async function addPasskey(name: string): Promise<void> {
  const options = await call<PublicKeyCredentialCreationOptionsJSON>('GET', '/api/auth/passkey/generate-register-options');
  const response = await asked(() =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
  );
  await call('POST', '/api/auth/passkey/verify-registration', { name, response });
}

export const passkeys = (): Promise<Passkey[]> => call('GET', '/api/auth/passkey/list-user-passkeys');
export const renamePasskey = (id: string, name: string): Promise<unknown> => call('POST', '/api/auth/passkey/update-passkey', { id, name });
export const deletePasskey = (id: string): Promise<unknown> => call('POST', '/api/auth/passkey/delete-passkey', { id });

/** What the browser's own dialog gave, as JSON. */
async function asked(open: () => Promise<Credential | null>): Promise<unknown> {
  try {
    const credential = (await open()) as PublicKeyCredential | null;
    if (credential) return credential.toJSON();
  } catch (error) {
    if ((error as Error).name === 'InvalidStateError') throw new HeapError('passkey_there', SECURITY.passkeys.there, 'user');
    if ((error as Error).name !== 'NotAllowedError' && (error as Error).name !== 'AbortError') throw error;
  }
  throw new HeapError('passkey_cancelled', SECURITY.passkeys.cancelled, 'user');
}
