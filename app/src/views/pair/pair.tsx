import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { useApp } from '../context.js';
import { BackLink, Button, Heading, Link } from '../parts.js';
import { APP, PAIR } from '../texts.js';
import { Digits } from './digits.js';
import { Paired, Refused } from './ends.js';
import { Joining } from './joining.js';
import { InstallFirst, Offered } from './offered.js';
import { Scan } from './scan.js';

/** Pairing, step by step. What the approver says goes before the way that was chosen. */
export function PairScreen({ way }: { readonly way?: 'scan' | 'paste' }): JSX.Element {
  const { pairing } = useApp().snapshot;
  if (pairing === undefined) {
    return way === 'scan' ? <Scan /> : way === 'paste' ? <Paste /> : <Start />;
  }
  switch (pairing.step) {
    case 'refused':
      return <Refused pairing={pairing} />;
    case 'offered':
      return <Offered pairing={pairing} />;
    case 'joining':
    case 'waiting':
      return <Joining pairing={pairing} />;
    case 'digits':
      return <Digits pairing={pairing} />;
    case 'paired':
      return <Paired pairing={pairing} />;
  }
}

/** The relay that has served this page is the likely one. */
function likelyRelay(): string {
  const base = new URL('.', location.href);
  const path = base.pathname.replace(/\/app\/$/, '').replace(/\/$/, '');
  return base.origin + path;
}

function Start(): JSX.Element {
  const { agents, phone } = useApp().snapshot;
  const [here, setHere] = useState(false);
  if (phone.ios && !phone.installed && agents.length === 0 && !here) {
    return <InstallFirst onHere={() => setHere(true)} />;
  }
  return (
    <div class="sheet middle">
      {agents.length > 0 && <BackLink to={{ section: 'agents' }}>{APP.agents}</BackLink>}
      <Heading level={1} focus="pair">
        {agents.length > 0 ? PAIR.title : PAIR.first}
      </Heading>
      <p>{PAIR.where}</p>
      <p class="scroller code">
        <code class="mono lines" dir="ltr">
          {PAIR.command(likelyRelay())}
        </code>
      </p>
      <p>{PAIR.thenScan}</p>
      <div class="stack">
        <Link to={{ section: 'pair', way: 'scan' }} class="button first">
          {PAIR.scan}
        </Link>
        <Link to={{ section: 'pair', way: 'paste' }} class="button second">
          {PAIR.paste}
        </Link>
      </div>
    </div>
  );
}

function Paste(): JSX.Element {
  const { approver } = useApp();
  const id = useId();
  const [link, setLink] = useState('');
  const [error, setError] = useState('');
  const read = () => {
    if (link.trim() === '') {
      setError(PAIR.pasteEmpty);
      return;
    }
    approver.offer(link.trim());
  };
  return (
    <form
      class="sheet"
      onSubmit={(event) => {
        event.preventDefault();
        read();
      }}
    >
      <BackLink to={{ section: 'pair' }}>{APP.back}</BackLink>
      <Heading level={1} focus="paste">
        {PAIR.pasteTitle}
      </Heading>
      <div class="field">
        <label for={id}>{PAIR.pasteLabel}</label>
        <textarea
          id={id}
          class="mono"
          rows={5}
          dir="ltr"
          value={link}
          autoComplete="off"
          autoCapitalize="none"
          spellcheck={false}
          aria-describedby={`${id}-note ${id}-error`}
          onInput={({ currentTarget }) => setLink(currentTarget.value)}
        />
        <p class="hint" id={`${id}-note`}>
          {PAIR.pasteNote}
        </p>
        <p class="error" id={`${id}-error`} aria-live="polite">
          {error}
        </p>
      </div>
      <div class="stack">
        <Button kind="first" onPress={read}>
          {PAIR.read}
        </Button>
      </div>
    </form>
  );
}
