import type { JSX } from 'preact';
import type { Agent } from '../../approver/approver.js';
import { hostOf, useApp, useNow } from '../context.js';
import { Heading, Link, State } from '../parts.js';
import { Strange } from '../strange.js';
import { AGENTS, APP, EMPTY, PAIR } from '../texts.js';
import { agoWords, dayWords } from '../time.js';

export function AgentList({ chosen }: { readonly chosen: string | undefined }): JSX.Element {
  const { agents } = useApp().snapshot;
  return (
    <>
      <header class="head">
        <Heading level={1} focus="agents">
          {APP.agents}
        </Heading>
        {agents.length > 0 && (
          <Link to={{ section: 'pair' }} class="link add">
            <span aria-hidden="true">+ </span>
            {AGENTS.pair}
          </Link>
        )}
      </header>
      {agents.length === 0 ? (
        <State title={EMPTY.agents}>
          <p>{EMPTY.agentsNext}</p>
          <Link to={{ section: 'pair' }} class="button first">
            {PAIR.title}
          </Link>
        </State>
      ) : (
        <ul class="cards">
          {agents.map((agent) => (
            <li key={agent.id}>
              <AgentCard agent={agent} chosen={agent.id === chosen} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function AgentCard({ agent, chosen }: { readonly agent: Agent; readonly chosen: boolean }): JSX.Element {
  const idle = agent.paused || agent.state !== 'active';
  return (
    <Link to={{ section: 'agents', id: agent.id }} class={idle ? 'card agent idle' : 'card agent'} current={chosen}>
      <span class="card-action">
        <Strange text={agent.name} />
      </span>
      <span class="soft">
        <AgentState agent={agent} />
      </span>
    </Link>
  );
}

function AgentState({ agent }: { readonly agent: Agent }): JSX.Element {
  const now = useNow();
  if (agent.state !== 'active') {
    return <>{agent.state === 'ended' ? AGENTS.ended : AGENTS.removing}</>;
  }
  if (agent.paused) {
    return <>{AGENTS.paused}</>;
  }
  const asked = agent.lastAskedAt === undefined ? [] : [AGENTS.lastAsked(agoWords(agent.lastAskedAt, now))];
  const line = AGENTS.line(hostOf(agent.relay), dayWords(agent.pairedAt, now));
  return <>{[line, ...asked, AGENTS.asks[agent.assurance]].join(' · ')}</>;
}
