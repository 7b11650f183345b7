import { type Bytes, b64, fromB64 } from '../messages/bytes.js';
import type { Assertion, Passkey } from '../messages/index.js';

/** A passkey of this installation, as it is stored: `id` and `key` (SPKI) as base64url. */
export interface StoredPasskey {
  readonly id: string;
  readonly alg: Passkey['alg'];
  readonly key: string;
  readonly be: boolean;
}

/** `cancelled`: by the person, or their time ran out; the platform does not tell which. */
export type PasskeyFailure = 'cancelled' | 'failed';

export interface Passkeys {
  /** Whether this page can have any: not on IP addresses and `.local` names. */
  readonly possible: boolean;
  create(): Promise<StoredPasskey | PasskeyFailure>;
  /** The assertion of one of these passkeys over the challenge. */
  assert(challenge: Bytes, passkeys: readonly StoredPasskey[]): Promise<Assertion | PasskeyFailure>;
}

const ALGORITHMS: { readonly [number: number]: Passkey['alg'] } = { [-7]: 'ES256', [-257]: 'RS256' };
const FLAGS_AT = 32;
const BACKUP_ELIGIBLE = 0x08;
const TIMEOUT = 120_000;

export class BrowserPasskeys implements Passkeys {
  readonly possible: boolean;
  private readonly host: string;

  constructor(host: string) {
    this.host = host;
    this.possible = isName(host) && 'PublicKeyCredential' in globalThis;
  }

  async create(): Promise<StoredPasskey | PasskeyFailure> {
    const publicKey: PublicKeyCredentialCreationOptions = {
      rp: { id: this.host, name: 'Approvals' },
      user: { id: crypto.getRandomValues(new Uint8Array(16)), name: 'approver', displayName: 'Approvals' },
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      pubKeyCredParams: Object.keys(ALGORITHMS).map((alg) => ({ type: 'public-key', alg: Number(alg) })),
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
      attestation: 'none',
      timeout: TIMEOUT,
    };
    try {
      const credential = await navigator.credentials.create({ publicKey });
      if (!(credential instanceof PublicKeyCredential)) {
        return 'failed';
      }
      const response = credential.response as AuthenticatorAttestationResponse;
      const key = response.getPublicKey();
      const alg = ALGORITHMS[response.getPublicKeyAlgorithm()];
      const flags = new Uint8Array(response.getAuthenticatorData())[FLAGS_AT];
      if (key === null || alg === undefined || flags === undefined) {
        return 'failed';
      }
      const id = b64(new Uint8Array(credential.rawId));
      return { id, alg, key: b64(new Uint8Array(key)), be: (flags & BACKUP_ELIGIBLE) !== 0 };
    } catch (error) {
      return failureOf(error);
    }
  }

  async assert(challenge: Bytes, passkeys: readonly StoredPasskey[]): Promise<Assertion | PasskeyFailure> {
    const publicKey: PublicKeyCredentialRequestOptions = {
      rpId: this.host,
      challenge: new Uint8Array(challenge),
      allowCredentials: passkeys.map(({ id }) => ({ type: 'public-key', id: new Uint8Array(fromB64(id) ?? []) })),
      userVerification: 'required',
      timeout: TIMEOUT,
    };
    try {
      const credential = await navigator.credentials.get({ publicKey });
      if (!(credential instanceof PublicKeyCredential)) {
        return 'failed';
      }
      const { authenticatorData, clientDataJSON, signature } = credential.response as AuthenticatorAssertionResponse;
      return {
        data: new Uint8Array(authenticatorData),
        client: new Uint8Array(clientDataJSON),
        signature: new Uint8Array(signature),
      };
    } catch (error) {
      return failureOf(error);
    }
  }
}

function failureOf(error: unknown): PasskeyFailure {
  const name = error instanceof DOMException ? error.name : '';
  return name === 'NotAllowedError' || name === 'AbortError' ? 'cancelled' : 'failed';
}

/** What a join may name as the host of its `app_origin`: docs/messages.md, section 4.2. */
function isName(host: string): boolean {
  return /^([a-z0-9-]+\.)*[a-z][a-z0-9-]*$/.test(host) && !host.endsWith('.local');
}
