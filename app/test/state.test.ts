import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReceivedQuestion } from '../src/messages/question.js';
import { decide, isForgotten, judgeDecision, type LogEntry, observe } from '../src/messages/state.js';

const NOW = 1_800_000_000;
const DAY = 86_400;

function question(issuedAt: number): ReceivedQuestion {
  const bytes = Uint8Array.of(1);
  const times = { requestId: 'a', issuedAt, expiresAt: issuedAt + 300 };
  return { ...times, plaintext: bytes, digest: bytes, understood: false, unknown: [], members: {} };
}

function entry(digest: number, nonce: string): LogEntry {
  const response = { nonce, ciphertext: '' };
  return { requestId: 'a', digest: Uint8Array.of(digest), response, expiresAt: NOW + 300 };
}

describe('decisions', () => {
  test('the first decision is the one that is sent, whatever is tapped when the question comes again', () => {
    const denied = entry(1, 'denied');
    assert.deepEqual(decide(undefined, denied), { insert: denied });
    assert.deepEqual(decide(denied, entry(1, 'approved')), { existing: denied });
  });

  test('another question under a decided id is refused', () => {
    assert.deepEqual(decide(entry(1, 'denied'), entry(2, 'approved')), { refused: 'already_decided' });
  });

  test('a clock that was set back can deny but not approve', () => {
    assert.equal(judgeDecision(question(NOW), 'approved', NOW, NOW + 121), 'clock_behind');
    assert.equal(judgeDecision(question(NOW), 'answered', NOW, NOW + 121), 'clock_behind');
    assert.equal(judgeDecision(question(NOW), 'denied', NOW, NOW + 121), undefined);
    assert.equal(judgeDecision(question(NOW), 'approved', NOW + 300, NOW), 'expired');
  });

  test('a question from the future moves nothing, and entries go 30 days after their expiry', () => {
    const later = NOW + 300 + 30 * DAY;
    assert.equal(observe(NOW, question(later), NOW), NOW);
    assert.equal(isForgotten(entry(1, ''), observe(NOW, question(later), later)), false);
    assert.equal(isForgotten(entry(1, ''), observe(NOW, question(later + 1), later + 1)), true);
  });
});
