import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { PastDecision } from '../../approver/approver.js';
import { useApp } from '../context.js';
import { BackLink, Button, Heading, Link, Rows, State } from '../parts.js';
import { Strange } from '../strange.js';
import { APP, DECISION, EMPTY, PAST } from '../texts.js';
import { momentWords } from '../time.js';
import { canShare, saveFile, shareFile } from './file.js';

export function PastList({ chosen }: { readonly chosen: string | undefined }): JSX.Element {
  const { snapshot, clock } = useApp();
  return (
    <>
      <header class="head">
        <Heading level={1} focus="past">
          {APP.past}
        </Heading>
      </header>
      {snapshot.past.length === 0 ? (
        <State title={EMPTY.past}>
          <p>{EMPTY.pastNext}</p>
        </State>
      ) : (
        <ul class="cards">
          {snapshot.past.map((past) => (
            <li key={past.id}>
              <Link to={{ section: 'past', id: past.id }} class="card past" current={past.id === chosen}>
                <span class="card-top">
                  <span class="asker">
                    <Strange text={PAST.by(past.agentName, momentWords(past.decidedAt, clock.now()))} />
                  </span>
                  <span class="decision">{DECISION[past.decision]}</span>
                </span>
                <span class="card-action">
                  <Strange text={past.action} />
                </span>
                {outcome(past) !== '' && <span class="soft">{outcome(past)}</span>}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

export function PastScreen({ past }: { readonly past: PastDecision }): JSX.Element {
  const { wide, clock } = useApp();
  return (
    <div class="scroll sheet">
      {!wide && <BackLink to={{ section: 'past' }}>{APP.past}</BackLink>}
      <Heading level={wide ? 2 : 1} focus={past.id}>
        <Strange text={past.action} />
      </Heading>
      <Rows
        rows={[
          [PAST.agent, <Strange key="agent" text={past.agentName} />],
          [DECISION[past.decision], `${momentWords(past.decidedAt, clock.now())}, ${PAST.how[past.assurance]}`],
        ]}
      />
      {outcome(past) !== '' && <p class="note strong">{outcome(past)}</p>}
      <Receipt past={past} />
    </div>
  );
}

function outcome(past: PastDecision): string {
  switch (past.status) {
    case 'late':
    case 'expired':
      return PAST.late;
    case 'sending':
    case 'queued':
      return PAST.notSent;
    case 'refused':
      return PAST.refused;
    default:
      return '';
  }
}

/** Read when the screen opens: a browser shares a file only in answer to a tap, and would not wait for it. */
function Receipt({ past }: { readonly past: PastDecision }): JSX.Element | null {
  const { approver } = useApp();
  const [receipt, setReceipt] = useState<File | 'none' | undefined>(undefined);
  useEffect(() => {
    let current = true;
    const set = (bytes: Uint8Array | undefined) => {
      if (current) {
        setReceipt(bytes === undefined ? 'none' : toFile(bytes, PAST.fileName(past.id)));
      }
    };
    approver.receipt(past.id).then(set, () => set(undefined));
    return () => {
      current = false;
    };
  }, [approver, past.id]);
  if (receipt === undefined) {
    return null;
  }
  if (receipt === 'none') {
    return <p>{PAST.noReceipt}</p>;
  }
  return (
    <>
      <p>{PAST.receiptNote}</p>
      <div class="stack">
        <Button onPress={() => saveFile(receipt)}>{PAST.receipt}</Button>
        {canShare(receipt) && <Button onPress={() => void shareFile(receipt)}>{PAST.share}</Button>}
      </div>
    </>
  );
}

function toFile(bytes: Uint8Array, name: string): File {
  return new File([new Uint8Array(bytes)], name, { type: 'application/json' });
}
