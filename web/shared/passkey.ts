/* SPDX-License-Identifier: Apache-2.0 */
/* Passkeys: what the back office asks for, handed to the browser, and its answer handed back. */
import type { Api, Entrance } from './api';

const bytes = (text: string) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const text = (buffer: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));

export const passkeysWork = () => typeof PublicKeyCredential === 'function';

interface Request {
  challenge: string;
  rp_id: string;
}

interface Creation extends Request {
  user: string;
  login: string;
  name: string;
  exclude: string[];
}

/* `path` is "/login/passkey" or "/step-up/passkey". */
export async function showPasskey(api: Api, path: string): Promise<Entrance> {
  const asked = await api.post<Request>(`${path}/begin`);
  const credential = (await navigator.credentials.get({
    publicKey: {
      challenge: bytes(asked.challenge),
      rpId: asked.rp_id,
      userVerification: 'required',
      timeout: 120000,
    },
  })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAssertionResponse;
  return api.post<Entrance>(`${path}/finish`, {
    challenge: asked.challenge,
    credential: text(credential.rawId),
    client_data: text(response.clientDataJSON),
    authenticator_data: text(response.authenticatorData),
    signature: text(response.signature),
  });
}

/* `path` is "/enrol/passkey" or "/security/passkey". */
export async function addPasskey(
  api: Api,
  path: string,
  relyingParty: string,
  label: string,
): Promise<Entrance> {
  const asked = await api.post<Creation>(`${path}/begin`);
  const credential = (await navigator.credentials.create({
    publicKey: {
      challenge: bytes(asked.challenge),
      rp: { id: asked.rp_id, name: relyingParty },
      user: { id: bytes(asked.user), name: asked.login, displayName: asked.name },
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      excludeCredentials: asked.exclude.map((id) => ({ type: 'public-key', id: bytes(id) })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      attestation: 'none',
      timeout: 120000,
    },
  })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAttestationResponse;
  return api.post<Entrance>(`${path}/finish`, {
    challenge: asked.challenge,
    client_data: text(response.clientDataJSON),
    object: text(response.attestationObject),
    label,
  });
}

/* The person has closed the browser's window, or has no such key: nothing to explain. */
export const wasCancelled = (error: unknown) =>
  error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError');
