import { randomBytes } from 'node:crypto';
import type { Bytes } from '../src/messages/bytes.js';
import type { Envelope } from '../src/messages/crypto.js';
import { secretHash } from '../src/messages/device.js';
import { formatLink, type PairingLink } from '../src/messages/link.js';
import {
  completePairing,
  createOffer,
  type Judged,
  judge,
  offerLink,
  openJoin,
  type PlatformHandshake,
  type PlatformOffer,
  type PlatformPairing,
  sealHello,
  sealQuestion,
} from '../src/messages/platform.js';
import type { Question } from '../src/messages/question.js';
import type { Result } from '../src/messages/refusal.js';

/** An agent's side that does what `harp` never does: it speaks the protocol with its own hands. */
export class PeerPlatform {
  readonly link: string;
  private readonly relay: string;
  private readonly token: string;
  private readonly offer: PlatformOffer;
  private readonly parsed: PairingLink;
  private pairing: PlatformPairing | undefined;

  private constructor(relay: string, token: string, offer: PlatformOffer, parsed: PairingLink) {
    this.relay = relay;
    this.token = token;
    this.offer = offer;
    this.parsed = parsed;
    this.link = formatLink(parsed);
  }

  /** Opens a pairing at a relay that serves the app. */
  static async open(relay: string, name: string): Promise<PeerPlatform> {
    const offer = value(createOffer(name, 'a host', random));
    const opened = await call(relay, 'POST', '/v1/pairs', { secret_hash: secretHash(offer.secret) });
    const parsed = offerLink(offer, String(opened.pair_id), relay, `${relay}/app/`);
    return new PeerPlatform(relay, String(opened.platform_token), offer, parsed);
  }

  /** Waits until a phone has joined. */
  async joined(): Promise<PlatformHandshake> {
    const pair = await this.get(`/v1/pairs/${this.parsed.pairId}?wait=55`);
    return value(openJoin(this.offer, this.parsed, String(pair.payload)));
  }

  /** Answers the join with the hello that the link has promised. Gives the digits. */
  async hello(): Promise<{
    readonly digits: string;
    readonly requestId: string;
    readonly handshake: PlatformHandshake;
  }> {
    const handshake = await this.joined();
    const requestId = await this.submit(sealHello(handshake, random));
    return { digits: handshake.keys.checkCode, requestId, handshake };
  }

  /** Answers the join with another hello, as somebody does who has seen the code and wants other keys in it. */
  async swappedHello(): Promise<string> {
    const handshake = await this.joined();
    const other = value(createOffer(this.offer.hello.name, this.offer.hello.host, random));
    return this.submit(sealHello({ ...handshake, hello: other.hello }, random));
  }

  /** Waits until the phone has confirmed. */
  async complete(requestId: string, handshake: PlatformHandshake): Promise<void> {
    this.pairing = value(completePairing(handshake, requestId, await this.response(requestId)));
  }

  /** Asks, and gives what awaits the answer. */
  async ask(parts: Partial<Question> & Pick<Question, 'action'>): Promise<{ readonly answer: () => Promise<Judged> }> {
    if (this.pairing === undefined) {
      throw new Error('not paired yet');
    }
    const { pairing } = this;
    const id = uuid();
    const now = Math.floor(Date.now() / 1_000);
    const question: Question = {
      v: 1,
      intent: 'authorize',
      request_id: id,
      issued_at: now,
      expires_at: now + 300,
      severity: 'medium',
      assurance: 'tap',
      ...parts,
    };
    const { plaintext, envelope } = value(sealQuestion(pairing, question, random));
    await this.submit(envelope, id);
    return {
      answer: async () => value(judge(pairing, plaintext, await this.response(id), Math.floor(Date.now() / 1_000))),
    };
  }

  /** Waits until the relay says that the pairing is revoked. */
  async revoked(): Promise<void> {
    while (!JSON.stringify(await this.get(`/v1/pairs/${this.parsed.pairId}`)).includes('pair_revoked')) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  private async submit(envelope: Envelope, id = uuid()): Promise<string> {
    const body = { request_id: id, pair_id: this.parsed.pairId, ttl: 300, ...envelope };
    await call(this.relay, 'POST', '/v1/requests', body, this.token);
    return id;
  }

  private async response(requestId: string): Promise<Envelope> {
    const { response } = await this.get(`/v1/requests/${requestId}?wait=55`);
    return response as Envelope;
  }

  private get(path: string): Promise<{ readonly [member: string]: unknown }> {
    return call(this.relay, 'GET', path, undefined, this.token);
  }
}

const random = (length: number): Bytes => new Uint8Array(randomBytes(length));

/** A UUID of version 7. */
function uuid(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  const rest = randomBytes(10).toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(1, 4)}-8${rest.slice(5, 8)}-${rest.slice(8)}`;
}

async function call(
  relay: string,
  method: string,
  path: string,
  body?: object,
  token?: string,
): Promise<{ readonly [member: string]: unknown }> {
  const response = await fetch(`${relay}${path}`, {
    method,
    headers: {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as { readonly [member: string]: unknown };
}

function value<T>(result: Result<T>): T {
  if (!result.ok) {
    throw new Error(result.reason);
  }
  return result.value;
}
