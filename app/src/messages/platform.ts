import { type Answer, type Response, readResponse, responseSizes, verifyAnswer, verifyText } from './answer.js';
import type { Bytes } from './bytes.js';
import { type Envelope, open, openPayload, type Random, seal, sha256, x25519Public } from './crypto.js';
import type { PairingLink } from './link.js';
import { SIZES } from './padding.js';
import {
  commitmentTo,
  createHello,
  derivePairing,
  type Hello,
  type Join,
  keysOfSecret,
  type PairingKeys,
  readJoin,
  transcriptOf,
} from './pairing.js';
import { type Assurance, type Question, readOwnQuestion, writeQuestion } from './question.js';
import { attempt, ensure, type Result } from './refusal.js';
import { clockDiffers } from './state.js';

/** The platform's side. The app does not ask questions; its tests do, and any page that verifies answers may. */

export interface PlatformOffer {
  readonly secret: Bytes;
  readonly x25519Secret: Bytes;
  readonly hello: Hello;
}

export interface PlatformHandshake {
  readonly link: PairingLink;
  readonly join: Join;
  readonly hello: Hello;
  readonly keys: PairingKeys;
}

export interface PlatformPairing {
  readonly relay: string;
  readonly pairId: string;
  readonly join: Join;
  readonly hello: Hello;
  readonly questionKey: Bytes;
  readonly answerKey: Bytes;
}

export interface Judged {
  readonly answer: Answer;
  readonly assurance: Assurance;
  readonly clockDiffers: boolean;
  readonly response: Response;
}

export function createOffer(name: string, host: string, random: Random): Result<PlatformOffer> {
  return attempt(() => {
    const secret = random(32);
    const x25519Secret = random(32);
    return { secret, x25519Secret, hello: createHello(name, host, x25519Public(x25519Secret)) };
  });
}

export function offerLink(offer: PlatformOffer, pairId: string, relay: string, page: string): PairingLink {
  return { page, relay, pairId, secret: offer.secret, commitment: commitmentTo(offer.hello.plaintext) };
}

export function openJoin(offer: PlatformOffer, link: PairingLink, payload: string): Result<PlatformHandshake> {
  return attempt(() => {
    const join = readJoin(openPayload(keysOfSecret(link).join, payload));
    return {
      link,
      join,
      hello: offer.hello,
      keys: derivePairing(link, join, offer.hello, offer.x25519Secret, join.x25519),
    };
  });
}

export function sealHello(handshake: PlatformHandshake, random: Random): Envelope {
  return seal(keysOfSecret(handshake.link).hello, handshake.hello.plaintext, random);
}

/** Checks the device's confirmation. */
export function completePairing(
  handshake: PlatformHandshake,
  requestId: string,
  response: Envelope,
): Result<PlatformPairing> {
  return attempt(() => {
    const { link, join, hello, keys } = handshake;
    const opened = readResponse(open(keys.answerKey, response), SIZES.response);
    const subject = { transcript: keys.transcript, requestId, digest: sha256(hello.plaintext) };
    ensure(verifyText(opened, join, subject).answer.decision === 'paired', 'wrong_decision');
    const { questionKey, answerKey } = keys;
    return { relay: link.relay, pairId: link.pairId, join, hello, questionKey, answerKey };
  });
}

export function sealQuestion(
  pairing: PlatformPairing,
  question: Question,
  random: Random,
): Result<{ readonly plaintext: Bytes; readonly envelope: Envelope }> {
  return attempt(() => {
    const plaintext = writeQuestion(question);
    return { plaintext, envelope: seal(pairing.questionKey, plaintext, random) };
  });
}

/** Judges a response to a question of the platform's own, but not when it came. */
export function judge(
  pairing: PlatformPairing,
  plaintext: Bytes,
  envelope: Envelope,
  arrivedAt: number,
): Result<Judged> {
  return attempt(() => {
    const question = readOwnQuestion(plaintext);
    const response = readResponse(open(pairing.answerKey, envelope), responseSizes(question.intent));
    const transcript = transcriptOf(pairing.relay, pairing.pairId, pairing.join, pairing.hello);
    const { answer, assurance } = verifyAnswer(response, pairing.join, transcript, question, plaintext);
    return {
      answer,
      assurance,
      clockDiffers: clockDiffers(answer.decidedAt, question.issued_at, arrivedAt),
      response,
    };
  });
}
