import assert from 'node:assert/strict';
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

/** What the relay says of a request to its platform. */
interface Standing {
  readonly state: string;
  readonly response?: Envelope;
}

/** An entry of a device's list, as the relay tells it. */
export interface RawItem extends Envelope {
  readonly request_id: string;
  readonly pair_id: string;
  readonly state: 'pending';
}

export interface Asked {
  readonly question: Question;
  readonly item: RawItem;
  /** The state, as soon as it is final. */
  final(): Promise<string>;
  /** What the agent makes of the answer, as soon as there is one. */
  answer(): Promise<Judged>;
  cancel(): Promise<void>;
}

/** An agent that does and asks what `harp` would not, straight at the relay. */
export class RawAgent {
  readonly link: string;
  private readonly url: string;
  private readonly token: string;
  private readonly offer: PlatformOffer;
  private readonly parts: PairingLink;
  private handshake: PlatformHandshake | undefined;
  private pairing: PlatformPairing | undefined;

  private constructor(url: string, token: string, offer: PlatformOffer, parts: PairingLink) {
    this.url = url;
    this.token = token;
    this.offer = offer;
    this.parts = parts;
    this.link = formatLink(parts);
  }

  /**
   * Opens a pairing.
   *
   * @param url where the agent reaches the relay
   * @param named the relay's address in the link, which may be that of a proxy
   * @param page the page of the app
   */
  static async open(url: string, name: string, named = url, page = `${named}/app/`): Promise<RawAgent> {
    const offer = value(createOffer(name, `${name} host`, random));
    const { json } = await call(url, 'POST', '/v1/pairs', undefined, { secret_hash: secretHash(offer.secret) });
    const parts = offerLink(offer, String(json.pair_id), named, page);
    return new RawAgent(url, String(json.platform_token), offer, parts);
  }

  /** Waits until a phone has joined, sends the hello, and gives the digits that the phone has to show. */
  async hello(): Promise<{ readonly digits: string; readonly requestId: string }> {
    this.handshake = await this.joined();
    const requestId = uuid();
    await this.submit(requestId, sealHello(this.handshake, random), 300);
    return { digits: this.handshake.keys.checkCode, requestId };
  }

  /** Answers the join with another hello, as somebody does who has seen the code and wants other keys in it. */
  async swappedHello(): Promise<void> {
    const { name, host } = this.offer.hello;
    const { hello } = value(createOffer(name, host, random));
    await this.submit(uuid(), sealHello({ ...(await this.joined()), hello }, random), 300);
  }

  private async joined(): Promise<PlatformHandshake> {
    const { payload } = await this.get(`/v1/pairs/${this.parts.pairId}?wait=55`);
    return value(openJoin(this.offer, this.parts, String(payload)));
  }

  /** Waits until the phone has confirmed. */
  async complete(requestId: string): Promise<void> {
    const { response } = (await this.get(`/v1/requests/${requestId}?wait=55`)) as object as Standing;
    this.pairing = value(completePairing(present(this.handshake), requestId, present(response)));
  }

  /** A question that is sealed, and told to nobody. */
  seal(parts: Partial<Question> & Pick<Question, 'action'>): Asked {
    const pairing = present(this.pairing);
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
    const standing = () => this.get(`/v1/requests/${id}?wait=55`) as Promise<object> as Promise<Standing>;
    return {
      question,
      item: { request_id: id, pair_id: this.parts.pairId, state: 'pending', ...envelope },
      final: async () => (await standing()).state,
      answer: async () => {
        const { response, state } = await standing();
        assert.equal(state, 'responded');
        return value(judge(pairing, plaintext, present(response), Math.floor(Date.now() / 1_000)));
      },
      cancel: async () => {
        const { status } = await call(this.url, 'DELETE', `/v1/requests/${id}`, this.token);
        assert.equal(status, 204);
      },
    };
  }

  async ask(parts: Partial<Question> & Pick<Question, 'action'>): Promise<Asked> {
    const asked = this.seal(parts);
    const { issued_at, expires_at } = asked.question;
    await this.submit(asked.item.request_id, asked.item, expires_at - issued_at);
    return asked;
  }

  /** Waits until the relay says that the pairing is revoked. */
  async revoked(): Promise<void> {
    while ((await this.get(`/v1/pairs/${this.parts.pairId}`)).code !== 'pair_revoked') {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Whether the relay still has the pairing. */
  async paired(): Promise<boolean> {
    return (await call(this.url, 'GET', `/v1/pairs/${this.parts.pairId}`, this.token)).status === 200;
  }

  private async submit(request_id: string, { nonce, ciphertext }: Envelope, ttl: number): Promise<void> {
    const body = { request_id, pair_id: this.parts.pairId, ttl, nonce, ciphertext };
    const { status, json } = await call(this.url, 'POST', '/v1/requests', this.token, body);
    assert.equal(status, 201, JSON.stringify(json));
  }

  private async get(path: string): Promise<{ readonly [name: string]: unknown }> {
    return (await call(this.url, 'GET', path, this.token)).json;
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
  url: string,
  method: string,
  path: string,
  token?: string,
  body?: object,
): Promise<{ readonly status: number; readonly json: { readonly [name: string]: unknown } }> {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text === '' ? {} : JSON.parse(text) };
}

function value<T>(result: Result<T>): T {
  if (!result.ok) {
    throw new Error(result.reason);
  }
  return result.value;
}

function present<T>(part: T | undefined): T {
  if (part === undefined) {
    throw new Error('a step that must come first is missing');
  }
  return part;
}
