import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { p256 } from '@noble/curves/nist.js';
import type { Answer, Value } from '../src/messages/answer.js';
import type { Assertion } from '../src/messages/assertion.js';
import { type Bytes, b64, concat, fromB64, fromHex, utf8 } from '../src/messages/bytes.js';
import { type Envelope, sha256 } from '../src/messages/crypto.js';
import {
  beginJoin,
  confirm,
  type DeviceHandshake,
  type DeviceJoin,
  type DevicePairing,
  openHello,
  openQuestion,
  prepareAnswer,
  sealAnswer,
  secretHash,
} from '../src/messages/device.js';
import { formatLink, type PairingLink, parseLink } from '../src/messages/link.js';
import { transcriptOf } from '../src/messages/pairing.js';
import {
  completePairing,
  createOffer,
  judge,
  offerLink,
  openJoin,
  type PlatformHandshake,
  type PlatformOffer,
  type PlatformPairing,
  sealHello,
  sealQuestion,
} from '../src/messages/platform.js';
import type { Question, ReceivedQuestion } from '../src/messages/question.js';
import { verifyReceipt, writeReceipt } from '../src/messages/receipt.js';
import type { Result } from '../src/messages/refusal.js';

/**
 * The other side for the Java test InteropTest: one command, a JSON object, on each line of standard input, and one
 * answer on each line of standard output. A refusal is answered with its reason.
 */

type Command = { readonly [name: string]: unknown };

const random = (length: number): Bytes => new Uint8Array(randomBytes(length));
const passkeySecret = random(32);
const ORIGIN = 'https://relay.example.org';

let started: DeviceJoin | undefined;
let deviceHandshake: DeviceHandshake | undefined;
let device: DevicePairing | undefined;
let received: ReceivedQuestion | undefined;
let offer: PlatformOffer | undefined;
let link: PairingLink | undefined;
let platformHandshake: PlatformHandshake | undefined;
let platform: PlatformPairing | undefined;
let asked: Bytes | undefined;

const COMMANDS: { readonly [name: string]: (command: Command) => object } = {
  join: (command) => {
    const key = concat(
      fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200'),
      p256.getPublicKey(passkeySecret, false),
    );
    const parts = {
      name: text(command, 'name'),
      appOrigin: ORIGIN,
      passkeys: [{ alg: 'ES256' as const, key, be: false }],
    };
    started = value(beginJoin(value(parseLink(text(command, 'link'))), parts, random));
    return { secret_hash: secretHash(started.link.secret), payload: started.payload };
  },
  hello: (command) => {
    deviceHandshake = value(openHello(present(started), text(command, 'request_id'), envelope(command)));
    return { code: deviceHandshake.keys.checkCode, name: deviceHandshake.hello.name };
  },
  confirm: (command) => {
    const { pairing, entry } = confirm(present(deviceHandshake), number(command, 'now'), random);
    device = pairing;
    return {
      envelope: entry.response,
      pair: b64(transcriptOf(pairing.relay, pairing.pairId, pairing.join, pairing.hello)),
    };
  },
  open: (command) => {
    received = value(openQuestion(present(device), text(command, 'request_id'), envelope(command)));
    return { understood: received.understood, digest: b64(received.digest) };
  },
  answer: (command) => {
    const prepared = value(prepareAnswer(present(device), present(received), answerOf(command)));
    const passkey = command.passkey === true ? assertion(prepared.challenge) : undefined;
    return { envelope: value(sealAnswer(present(device), prepared, passkey, random)).response };
  },
  offer: (command) => {
    offer = value(createOffer(text(command, 'name'), text(command, 'host'), random));
    return { secret_hash: secretHash(offer.secret) };
  },
  link: (command) => {
    link = offerLink(present(offer), text(command, 'pair_id'), text(command, 'relay'), text(command, 'page'));
    return { link: formatLink(link) };
  },
  payload: (command) => {
    platformHandshake = value(openJoin(present(offer), present(link), text(command, 'payload')));
    return { code: platformHandshake.keys.checkCode, envelope: sealHello(platformHandshake, random) };
  },
  paired: (command) => {
    platform = value(completePairing(present(platformHandshake), text(command, 'request_id'), envelope(command)));
    return { pair: b64(transcriptOf(platform.relay, platform.pairId, platform.join, platform.hello)) };
  },
  ask: (command) => {
    const sealed = value(sealQuestion(present(platform), command.question as Question, random));
    asked = sealed.plaintext;
    return { envelope: sealed.envelope, digest: b64(sha256(sealed.plaintext)) };
  },
  judge: (command) => {
    const judged = value(judge(present(platform), present(asked), envelope(command), number(command, 'arrived_at')));
    const receipt = writeReceipt(present(platform), present(asked), judged.response);
    return {
      decision: judged.answer.decision,
      reason: judged.answer.reason ?? '',
      assurance: judged.assurance,
      receipt: new TextDecoder().decode(receipt),
    };
  },
  verify: (command) => {
    const verified = value(verifyReceipt(utf8(text(command, 'file')), present(fromB64(text(command, 'pair')))));
    return { decision: verified.answer.decision, assurance: verified.assurance };
  },
};

function answerOf(command: Command): Answer {
  const { decision, decided_at, reason, choice, values } = command.answer as { readonly [name: string]: unknown };
  return {
    decision: decision as Answer['decision'],
    decidedAt: decided_at as number,
    ...(reason === undefined ? {} : { reason: reason as string }),
    ...(choice === undefined ? {} : { choice: choice as string }),
    ...(values === undefined ? {} : { values: values as readonly Value[] }),
  };
}

/** What an authenticator and a browser would give. */
function assertion(challenge: Bytes): Assertion {
  const data = concat(sha256(utf8('relay.example.org')), Uint8Array.of(0x05, 0, 0, 0, 9));
  const client = utf8(
    JSON.stringify({ type: 'webauthn.get', challenge: b64(challenge), origin: ORIGIN, crossOrigin: false }),
  );
  const signature = p256.sign(concat(data, sha256(client)), passkeySecret, { format: 'der' });
  return { data, client, signature };
}

class Refused extends Error {}

function value<T>(result: Result<T>): T {
  if (!result.ok) {
    throw new Refused(result.reason);
  }
  return result.value;
}

function present<T>(part: T | undefined): T {
  if (part === undefined) {
    throw new Error('a command that must come first is missing');
  }
  return part;
}

function text(command: Command, name: string): string {
  return command[name] as string;
}

function number(command: Command, name: string): number {
  return command[name] as number;
}

function envelope(command: Command): Envelope {
  return command.envelope as Envelope;
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as Command;
  let answer: object;
  try {
    answer = present(COMMANDS[text(command, 'command')])(command);
  } catch (error) {
    if (!(error instanceof Refused)) {
      throw error;
    }
    answer = { refused: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
