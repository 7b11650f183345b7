import { parseAddress } from './address.js';
import { type Answer, type Response, verifyAnswer } from './answer.js';
import { readAssertion, writeAssertion } from './assertion.js';
import { type Bytes, b64, equal } from './bytes.js';
import { isPairId } from './forms.js';
import { MemberReader, readJson, writeJson } from './json.js';
import { type Hello, type Join, readHello, readJoin, transcriptOf } from './pairing.js';
import type { PlatformPairing } from './platform.js';
import { type Assurance, type Question, readOwnQuestion } from './question.js';
import { attempt, ensure, type Result } from './refusal.js';

export interface VerifiedReceipt {
  readonly join: Join;
  readonly hello: Hello;
  readonly question: Question;
  readonly answer: Answer;
  readonly assurance: Assurance;
}

const LINE_FEED = 0x0a;

export function writeReceipt(
  pairing: Pick<PlatformPairing, 'relay' | 'pairId' | 'join' | 'hello'>,
  question: Bytes,
  response: Response,
): Bytes {
  return writeJson({
    harp_receipt: 1,
    relay: pairing.relay,
    pair_id: pairing.pairId,
    join: b64(pairing.join.plaintext),
    hello: b64(pairing.hello.plaintext),
    question: b64(question),
    answer: response.answer,
    passkey: response.passkey === undefined ? undefined : writeAssertion(response.passkey),
  });
}

/** Verifies a receipt under T, which comes from the verifier's own records: docs/messages.md, section 10. */
export function verifyReceipt(file: Bytes, pairing: Bytes): Result<VerifiedReceipt> {
  return attempt(() => {
    const text = file.at(-1) === LINE_FEED ? file.subarray(0, -1) : file;
    const json: MemberReader = new MemberReader(readJson(text), 'receipt_member');
    json.ensure(json.integer('harp_receipt') === 1);
    const relay = json.text('relay');
    const pairId = json.text('pair_id');
    const joinBytes = json.bytes('join');
    const helloBytes = json.bytes('hello');
    const plaintext = json.bytes('question');
    const answerText = json.text('answer');
    const passkey = json.optional('passkey', (name) => readAssertion(json.object(name)));
    json.end();
    json.ensure(parseAddress(relay) !== undefined && isPairId(pairId));
    const hello = readHello(helloBytes);
    const join = readJoin(joinBytes);
    const transcript = transcriptOf(relay, pairId, join, hello);
    ensure(equal(transcript, pairing), 'wrong_pairing');
    const question = readOwnQuestion(plaintext);
    const response = { answer: answerText, ...(passkey === undefined ? {} : { passkey }) };
    return { join, hello, question, ...verifyAnswer(response, join, transcript, question, plaintext) };
  });
}
