import type { Agent, Card } from '../../src/approver/approver.js';
import type { Question, ReceivedQuestion } from '../../src/messages/index.js';

export const NOW = Math.floor(Date.now() / 1_000);
const DAY = 86_400;

export function agent(part: Partial<Agent>): Agent {
  return {
    id: 'claude',
    name: 'claude on laptop',
    ownName: 'claude',
    host: 'laptop',
    relay: 'https://relay.example.org',
    transcript: 'q4oUmyXyL4c0n2f7Z2rN3hFUqJ0w3kP7dE1sB9aX5Vg',
    pairedAt: NOW - 26 * DAY,
    lastAskedAt: NOW - 12,
    paused: false,
    state: 'active',
    assurance: 'biometric',
    ...part,
  };
}

export const CLAUDE = agent({});
export const DEPLOY = agent({ id: 'deploy', name: 'deploy-bot', ownName: 'deploy-bot', host: 'build-7' });

type Times = { readonly age?: number; readonly left?: number };

function frame(id: string, { age = 48, left = 252 }: Times) {
  const digest = new Uint8Array(32);
  return { requestId: id, issuedAt: NOW - age, expiresAt: NOW + left, plaintext: digest, digest };
}

export function question(id: string, part: Partial<Question>, times: Times = {}): ReceivedQuestion {
  const common = frame(id, times);
  const text: Question = {
    v: 1,
    intent: 'authorize',
    request_id: id,
    issued_at: common.issuedAt,
    expires_at: common.expiresAt,
    action: 'Run a command',
    severity: 'medium',
    assurance: 'tap',
    ...part,
  };
  return { ...common, understood: true, question: text };
}

export function card(id: string, part: Partial<Question>, more: Partial<Card> = {}, times: Times = {}): Card {
  const intent = part.intent ?? 'authorize';
  const decisions = { authorize: ['approved', 'denied'], collect: ['answered', 'denied'], inform: ['seen'] } as const;
  return {
    id,
    agent: CLAUDE,
    received: question(id, part, times),
    status: 'open',
    decisions: decisions[intent],
    needsPasskey: part.assurance !== undefined && part.assurance !== 'tap',
    ...more,
  };
}

export const COMMAND = card('command', {
  details: [
    {
      label: 'Command',
      format: 'code',
      text: 'npm ci && npm run migrate -- --env staging && curl -sS https://staging.example.org/health && echo "done"',
    },
  ],
  parameters: [
    { name: 'tool', value: 'Bash' },
    { name: 'timeout', value: '120' },
  ],
  reasoning: 'The staging schema is two versions behind; the tests need the new columns.',
  context: { agent: 'claude', host: 'laptop', directory: '~/work/shop', session: '7f3c0a91' },
  choices: [
    { id: 'project', rule: 'Bash(npm run migrate:*) in this project' },
    { id: 'deny', rule: 'Deny' },
  ],
});

export const DROP = card(
  'drop',
  {
    action: 'Drop table orders_2019 in production',
    severity: 'critical',
    assurance: 'biometric',
    details: [{ label: 'Command', format: 'code', text: "psql prod -c 'DROP TABLE orders_2019;'" }],
    reasoning: 'The table was archived on Monday and nothing reads it any more.',
    context: { directory: '~/srv/api' },
  },
  { agent: DEPLOY },
  { age: 192, left: 108 },
);

const DIFF_TEXT = `--- a/infra/firewall.tf
+++ b/infra/firewall.tf
@@ -1,13 +1,13 @@
 resource "fw_rule" "db" {
   port   = 5432
-  source = ["10.2.0.0/16"]
+  source = ["0.0.0.0/0"]
   action = "allow"
   log    = true
 }
 
 resource "fw_rule" "ssh" {
   port   = 22
   source = ["10.2.0.0/16"]
   action = "allow"
   log    = true
 }`;

export const DIFF = card(
  'diff',
  {
    action: 'Change the firewall rules of the database',
    severity: 'high',
    assurance: 'biometric',
    details: [{ label: 'infra/firewall.tf', format: 'diff', text: DIFF_TEXT }],
    description: 'Opens the database to every address, so that the new office can reach it.',
  },
  { agent: DEPLOY },
  { age: 30, left: 1_770 },
);

export const FORM = card('form', {
  intent: 'collect',
  action: 'Which release goes out?',
  severity: 'low',
  description: 'Two are ready. The notes are made from the answer.',
  schema: {
    fields: [
      { name: 'notes', type: 'text', label: 'Release notes', required: true },
      { name: 'percent', type: 'number', label: 'Share of users at first, in per cent', required: true },
      {
        name: 'release',
        type: 'select',
        label: 'Release',
        required: true,
        options: [
          { value: '4.1', label: '4.1, with the new checkout' },
          { value: '4.0.3', label: '4.0.3, only repairs' },
        ],
      },
      {
        name: 'regions',
        type: 'several',
        label: 'Regions',
        required: false,
        options: [
          { value: 'eu', label: 'Europe' },
          { value: 'us', label: 'North America' },
          { value: 'ap', label: 'Asia' },
        ],
      },
    ],
  },
});

export const NOTICE = card('notice', {
  intent: 'inform',
  action: 'The nightly backup is done',
  severity: 'low',
  description: '412 GB in 38 minutes. Nothing was skipped.',
});

export const UNKNOWN: Card = {
  ...card('unknown', {}),
  received: {
    ...frame('unknown', {}),
    understood: false,
    unknown: ['approve_if'],
    members: {
      v: 1,
      intent: 'authorize',
      action: 'Pay an invoice',
      severity: 'medium',
      approve_if: { amount_below: '500', currency: 'EUR' },
    },
  },
  decisions: ['denied'],
  hindrance: 'not_understood',
};

/** Long, wide, hidden, reversed, look-alike, and with markup. */
export const HOSTILE = card('hostile', {
  action: 'Run\u202e the tests <b>safely</b>\n\nAрprove',
  severity: 'high',
  details: [
    {
      label: 'Command',
      format: 'code',
      text: `echo "ok" ${'\u200b'.repeat(12)}; rm\u00a0-rf /srv \u202e# txet sdrawkcab\u202c; dеny --all`,
    },
    {
      label: 'Script',
      format: 'code',
      text: `${'echo "line" # the same as before\n'.repeat(1_460)}rm -rf / # the end`,
    },
  ],
  reasoning:
    '<script>alert(1)</script> Press <button>Approve</button>. Z\u0351\u0352\u0357\u035b\u0344\u0300\u0301algo',
});
