import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Program } from './programs.js';
import { decide, openCard, Real, skip } from './real.js';

/** The whole chain: an agent's event, the real `harp hook`, the relay, the app, and what the agent gets back. */

const options = { skip, timeout: 120_000 };

let real: Real;

before(async () => {
  if (skip === false) {
    real = await Real.start();
  }
});

after(() => real?.stop());

/** Starts the hook as Claude Code does, with the event of a tool's use. */
function hook(name: string, tool: string, input: object, more: object = {}): Program {
  const started = real.agent.harp('hook', 'claude', '--name', name);
  started.typeAll(
    JSON.stringify({
      session_id: '11f5a4a1-a1d4-4f7a-b9ab-7a22d8e0f9c1',
      transcript_path: '/home/user/.claude/projects/app/11f5.jsonl',
      cwd: '/srv/app',
      permission_mode: 'default',
      hook_event_name: 'PermissionRequest',
      tool_name: tool,
      tool_input: input,
      ...more,
    }),
  );
  return started;
}

/** The hook ends with 0, and this is all that the agent gets. */
async function answers(asked: Program, decision: object): Promise<void> {
  assert.equal(await asked.ended, 0, asked.output);
  assert.equal(
    asked.printed,
    `${JSON.stringify({ hookSpecificOutput: { hookEventName: 'PermissionRequest', decision } })}\n`,
  );
}

test('a command is approved by a passkey', options, async () => {
  const { phone, page } = await real.pairedByPasskey('builder', 'platform');
  const asked = hook('builder', 'Bash', {
    command: 'cd /srv/app\ngit push origin main',
    description: 'Push the branch',
    timeout: 5000,
  });
  await openCard(page, 'Bash: command of 2 lines');
  const question = page.locator('.question');
  for (const text of ['git push origin main', 'Push the branch', 'timeout', '5000', 'Claude Code', '/srv/app']) {
    await question.getByText(text, { exact: false }).first().waitFor();
  }
  await decide(page, 'Approve with passkey');
  await answers(asked, { behavior: 'allow' });
  assert.deepEqual(phone.troubles, []);
  await phone.close();
});

test('a rule that the person keeps goes back as it came', options, async () => {
  const { phone, page } = await real.paired('ruler');
  const rule = {
    type: 'addRules',
    rules: [{ toolName: 'Bash', ruleContent: 'npm test:*' }],
    behavior: 'allow',
    destination: 'localSettings',
  };
  const mode = { type: 'setMode', mode: 'acceptEdits', destination: 'session' };
  const asked = hook('ruler', 'Bash', { command: 'npm test' }, { permission_suggestions: [rule, mode] });
  await openCard(page, 'Bash: npm test');
  await page
    .getByRole('radio', {
      name: 'Also allow from now on: Bash(npm test:*), in this project, for you',
      exact: true,
    })
    .check();
  await decide(page, 'Approve from now on');
  await answers(asked, { behavior: 'allow', updatedPermissions: [rule] });
  await phone.close();
});

test('questions of the agent are answered', options, async () => {
  const { phone, page } = await real.paired('asker');
  const input = {
    questions: [
      {
        question: 'Which library?',
        header: 'Library',
        multiSelect: false,
        options: [
          { label: 'Luxon', description: 'It is small.' },
          { label: 'Temporal', description: 'It is the standard.' },
        ],
      },
      {
        question: 'Where does it run?',
        header: 'Places',
        multiSelect: true,
        options: [
          { label: 'EU', description: '' },
          { label: 'US', description: '' },
        ],
      },
    ],
  };
  const asked = hook('asker', 'AskUserQuestion', input);
  await openCard(page, 'Answer 2 questions');
  await page.getByRole('radio', { name: 'Temporal: It is the standard.' }).check();
  await page.getByRole('checkbox', { name: 'EU' }).check();
  await page.getByRole('checkbox', { name: 'Other, in my own words' }).check();
  await page.getByLabel('In my own words, if other').last().fill('the moon');
  await decide(page, 'Send answer');
  await answers(asked, {
    behavior: 'allow',
    updatedInput: { ...input, answers: { 'Which library?': 'Temporal', 'Where does it run?': 'EU, the moon' } },
  });
  await phone.close();
});

test('the agent ends the hook: its card is withdrawn, and nothing is printed', options, async (t) => {
  const { phone, page } = await real.paired('gone');
  const asked = hook('gone', 'Edit', { file_path: '/srv/app/a.ts', old_string: 'one\ntwo', new_string: 'one\n2' });
  await openCard(page, 'Edit: /srv/app/a.ts');
  const start = performance.now();
  asked.process.kill('SIGTERM');
  await page.getByText(/^The agent took this request back at/).waitFor();
  t.diagnostic(`SIGTERM to the card that says so: ${Math.round(performance.now() - start)} ms`);
  assert.equal(await asked.ended, 0, asked.output);
  assert.equal(asked.printed, '');
  await phone.close();
});
