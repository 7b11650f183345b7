import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Approver, Snapshot } from '../approver/approver.js';
import { AgentScreen } from './agents/agent.js';
import { AgentList } from './agents/list.js';
import { Reset, ThisPhone } from './agents/phone.js';
import { Announcements } from './announce.js';
import { type Clock, Context, SYSTEM_CLOCK, useApp, useMedia, useSnapshot } from './context.js';
import { PairScreen } from './pair/pair.js';
import { BackLink, Button, Link, State } from './parts.js';
import { PastList, PastScreen } from './past/past.js';
import type { Drafts } from './requests/drafts.js';
import { useListKeys } from './requests/keys.js';
import { RequestList } from './requests/list.js';
import { QuestionScreen } from './requests/question.js';
import type { Route } from './route.js';
import { APP, EMPTY, STORAGE, STORAGE_NEXT, statusLine } from './texts.js';
import { go, useNext, useRoute } from './use-route.js';
import './styles/index.css';

export interface AppProps {
  readonly approver: Approver;
  /** The system's, unless a test gives one. */
  readonly clock?: Clock;
}

/**
 * The whole app as a person sees it. A pairing link in the address is not its business: whoever renders it takes the
 * link out of the address first, and gives it to the approver. Screens are addresses such as `#/requests/ID`.
 */
export function App({ approver, clock = SYSTEM_CLOCK }: AppProps): JSX.Element {
  const snapshot = useSnapshot(approver);
  const wide = useMedia('(min-width: 56em)');
  const drafts: Drafts = useRef<Drafts>(new Map()).current;
  const surroundings = useMemo(
    () => ({ approver, snapshot, clock, drafts, wide }),
    [approver, snapshot, clock, drafts, wide],
  );
  useEffect(() => {
    const waiting = snapshot.cards.filter(({ status }) => status === 'open').length;
    document.title = waiting === 0 ? APP.title : APP.titleWaiting(waiting);
  }, [snapshot.cards]);
  return (
    <Context.Provider value={surroundings}>
      <Screens />
      <Announcements />
    </Context.Provider>
  );
}

function Screens(): JSX.Element {
  const { snapshot } = useApp();
  const route = useNext(useRoute(), snapshot.cards);
  usePairingFirst(snapshot);
  switch (snapshot.storage) {
    case 'opening':
      return (
        <main class="app alone">
          <h1 class="opening">{APP.opening}</h1>
        </main>
      );
    case 'unavailable':
    case 'damaged':
      return <StorageScreen storage={snapshot.storage} />;
    case 'ready':
      return route.section === 'pair' || isFirstStart(snapshot, route) ? (
        <main class="app alone">
          <PairScreen {...(route.section === 'pair' && route.way !== undefined && { way: route.way })} />
        </main>
      ) : (
        <Panes route={route} />
      );
  }
}

/** Before the first pairing there is nothing else to do. */
function isFirstStart(snapshot: Snapshot, route: Route): boolean {
  const nothing = snapshot.agents.length === 0 && snapshot.cards.length === 0 && snapshot.past.length === 0;
  return nothing && route.section === 'requests';
}

/** A link that was read, or a pairing that goes on after a reload, comes to the front once. */
function usePairingFirst({ pairing }: Snapshot): void {
  const active = pairing !== undefined;
  useEffect(() => {
    if (active) {
      go({ section: 'pair' });
    }
  }, [active]);
}

function StorageScreen({ storage }: { readonly storage: 'unavailable' | 'damaged' }): JSX.Element {
  return (
    <main class="app alone">
      <div class="sheet middle">
        <State title={STORAGE[storage].title} level={1}>
          <p>{STORAGE[storage].text}</p>
          {storage === 'damaged' ? (
            <Reset first />
          ) : (
            <Button kind="first" onPress={() => location.reload()}>
              {STORAGE_NEXT.unavailable}
            </Button>
          )}
        </State>
      </div>
    </main>
  );
}

/** On a phone one pane at a time, on a desktop the list and what is chosen in it. */
function Panes({ route }: { readonly route: Exclude<Route, { section: 'pair' }> }): JSX.Element {
  const { wide } = useApp();
  const { section, id } = route;
  useListKeys(id === undefined ? undefined : () => escapeTo(section));
  if (!wide && id !== undefined) {
    return <main class="app detail-alone">{detailOf(route)}</main>;
  }
  return (
    <div class={wide ? 'app wide' : 'app'}>
      <div class="side">
        {wide && <Navigation section={section} />}
        <main class="scroll list" id="list">
          {listOf(section, id)}
        </main>
        <StatusLine />
        {!wide && <Navigation section={section} />}
      </div>
      {wide && (
        <section class="detail" aria-label={EMPTY.detail}>
          {detailOf(route)}
        </section>
      )}
    </div>
  );
}

/** Back to the list, with the focus on what was open. */
function escapeTo(section: 'requests' | 'agents' | 'past'): void {
  go({ section });
  document.querySelector<HTMLElement>('.cards a[aria-current]')?.focus();
}

function listOf(section: 'requests' | 'agents' | 'past', chosen: string | undefined): JSX.Element {
  switch (section) {
    case 'requests':
      return <RequestList chosen={chosen} />;
    case 'agents':
      return (
        <>
          <AgentList chosen={chosen} />
          <ThisPhone />
        </>
      );
    case 'past':
      return <PastList chosen={chosen} />;
  }
}

function detailOf({ section, id }: Exclude<Route, { section: 'pair' }>): JSX.Element {
  switch (section) {
    case 'requests':
      return <ChosenRequest id={id} />;
    case 'agents':
      return <ChosenAgent id={id} />;
    case 'past':
      return <ChosenPast id={id} />;
  }
}

function ChosenRequest({ id }: { readonly id: string | undefined }): JSX.Element {
  const { snapshot } = useApp();
  const card = snapshot.cards.find((candidate) => candidate.id === id);
  if (card !== undefined) {
    return <QuestionScreen key={card.id} card={card} />;
  }
  return id === undefined ? (
    <Placeholder title={EMPTY.noQuestion}>
      <p>{EMPTY.noQuestionNext}</p>
    </Placeholder>
  ) : (
    <Gone section="requests" back={APP.requests} />
  );
}

function ChosenAgent({ id }: { readonly id: string | undefined }): JSX.Element {
  const agent = useApp().snapshot.agents.find((candidate) => candidate.id === id);
  if (agent !== undefined) {
    return <AgentScreen key={agent.id} agent={agent} />;
  }
  return id === undefined ? <Placeholder title={EMPTY.noAgent} /> : <Gone section="agents" back={APP.agents} />;
}

function ChosenPast({ id }: { readonly id: string | undefined }): JSX.Element {
  const past = useApp().snapshot.past.find((candidate) => candidate.id === id);
  if (past !== undefined) {
    return <PastScreen key={past.id} past={past} />;
  }
  return id === undefined ? <Placeholder title={EMPTY.noPast} /> : <Gone section="past" back={APP.past} />;
}

function Gone({
  section,
  back,
}: {
  readonly section: 'requests' | 'agents' | 'past';
  readonly back: string;
}): JSX.Element {
  const { wide } = useApp();
  return (
    <Placeholder title={section === 'requests' ? EMPTY.gone : EMPTY.goneOther}>
      {section === 'requests' && <p>{EMPTY.goneNext}</p>}
      {!wide && <BackLink to={{ section }}>{back}</BackLink>}
    </Placeholder>
  );
}

function Placeholder({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  const { wide } = useApp();
  return (
    <div class="sheet middle">
      <State title={title} level={wide ? 2 : 1}>
        {children}
      </State>
    </div>
  );
}

function StatusLine(): JSX.Element {
  const { snapshot } = useApp();
  const good = snapshot.phone.online && snapshot.relays.every(({ connection }) => connection === 'connected');
  const words = statusLine(snapshot);
  return (
    <p class={good ? 'status good' : 'status'} role="status">
      {words !== '' && <span class="dot" aria-hidden="true" />}
      {words}
    </p>
  );
}

function Navigation({ section }: { readonly section: Route['section'] }): JSX.Element {
  return (
    <nav class="navigation" aria-label={APP.navigation}>
      {(['requests', 'agents', 'past'] as const).map((to) => (
        <Link key={to} to={{ section: to }} class="tab" current={to === section}>
          {APP[to]}
        </Link>
      ))}
    </nav>
  );
}
