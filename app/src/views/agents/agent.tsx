import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Agent } from '../../approver/approver.js';
import { useAction } from '../action.js';
import { hostOf, useApp } from '../context.js';
import { NameForm } from '../pair/name-form.js';
import { BackLink, Button, Confirm, Heading, Rows } from '../parts.js';
import { Strange, StrangeCode, StrangeNote } from '../strange.js';
import { AGENTS, APP, ASSURANCE, PHONE } from '../texts.js';
import { dayWords } from '../time.js';
import { go } from '../use-route.js';

export function AgentScreen({ agent }: { readonly agent: Agent }): JSX.Element {
  const { approver, wide, clock } = useApp();
  return (
    <div class="scroll sheet">
      {!wide && <BackLink to={{ section: 'agents' }}>{APP.agents}</BackLink>}
      <Heading level={wide ? 2 : 1} focus={agent.id}>
        <Strange text={agent.name} />
      </Heading>
      {agent.state === 'ended' && <p class="note strong">{AGENTS.ended}</p>}
      {agent.state === 'removing' && <p class="note strong">{AGENTS.removing}</p>}
      {agent.paused && agent.state === 'active' && <p class="note strong">{AGENTS.paused}</p>}
      <StrangeNote texts={[agent.ownName, agent.host]} />
      <Rows
        rows={[
          [AGENTS.ownName, <Strange key="own" text={agent.ownName} />],
          [AGENTS.host, <Strange key="host" text={agent.host} />],
          [AGENTS.relay, <StrangeCode key="relay" text={hostOf(agent.relay)} lines={false} />],
          [AGENTS.pairedAt, dayWords(agent.pairedAt, clock.now())],
          [AGENTS.most, ASSURANCE[agent.assurance]],
          [AGENTS.transcript, <StrangeCode key="transcript" text={agent.transcript} lines={false} />],
        ]}
      />
      {agent.state === 'active' && (
        <NameForm
          key={agent.name}
          label={AGENTS.name}
          button={AGENTS.save}
          name={agent.name}
          onName={(name) => approver.rename(agent.id, name)}
        />
      )}
      <Ends agent={agent} />
    </div>
  );
}

function Ends({ agent }: { readonly agent: Agent }): JSX.Element {
  const { approver } = useApp();
  const action = useAction();
  const [asking, setAsking] = useState(false);
  const remove = () => {
    setAsking(false);
    action.run(async () => {
      await approver.remove(agent.id);
      go({ section: 'agents' }, true);
    });
  };
  return (
    <>
      <p class="error" aria-live="polite">
        {action.failed ? PHONE.failed : ''}
      </p>
      <div class="stack">
        {agent.state === 'active' && (
          <Button busy={action.busy} onPress={() => action.run(() => approver.setPaused(agent.id, !agent.paused))}>
            {agent.paused ? AGENTS.resume : AGENTS.pause}
          </Button>
        )}
        {agent.state !== 'removing' && (
          <Button kind="quiet" busy={action.busy} onPress={() => setAsking(true)}>
            {AGENTS.remove}
          </Button>
        )}
      </div>
      {asking && (
        <Confirm
          title={<Strange text={AGENTS.removeTitle(agent.name)} />}
          text={AGENTS.removeNote}
          yes={AGENTS.remove}
          no={AGENTS.keep}
          onYes={remove}
          onNo={() => setAsking(false)}
        />
      )}
    </>
  );
}
