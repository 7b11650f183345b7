import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Card } from '../../approver/approver.js';
import type { Question } from '../../messages/index.js';
import { useApp, useNow } from '../context.js';
import { BackLink, Heading, Label, Rows } from '../parts.js';
import { Strange, StrangeNote } from '../strange.js';
import { APP, ASSURANCE, hindranceWords, problemWords, REQUEST } from '../texts.js';
import { agoWords, dayWords } from '../time.js';
import { Bar } from './bar.js';
import { Block } from './block.js';
import { type Draft, NO_DRAFT } from './drafts.js';
import { EndedBar } from './ended-bar.js';
import { AnswerForm } from './form.js';
import { Asker, SeverityMark } from './list.js';
import { actionOf, allTexts } from './question-texts.js';
import { ReadingContext, useEndMark, useReading } from './reading.js';
import { Reason } from './reason.js';
import { Rules } from './rules.js';

/** One question: the thing itself, then what the agent says of it, and a bar that does not move. */
export function QuestionScreen({ card }: { readonly card: Card }): JSX.Element {
  const { reading, open } = useReading();
  const { wide } = useApp();
  const [draft, setDraft] = useDraft(card.id);
  const [showErrors, setShowErrors] = useState(false);
  const isOpen = card.status === 'open';
  return (
    <ReadingContext.Provider value={reading}>
      <article class="question">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard has to reach a scroller to read it */}
        <section class="scroll question-scroll" tabIndex={0} aria-label={REQUEST.whole}>
          {!wide && <BackLink to={{ section: 'requests' }}>{APP.requests}</BackLink>}
          <header>
            <p class="card-top">
              <Asker card={card} />
              <SeverityMark card={card} />
            </p>
            <Heading level={wide ? 2 : 1} focus={card.id}>
              <Strange text={actionOf(card.received)} />
            </Heading>
          </header>
          <Words card={card} />
          {card.received.understood ? (
            <Understood card={card} question={card.received.question} />
          ) : (
            <Raw card={card} />
          )}
          {isOpen && card.received.understood && (
            <>
              {card.received.question.schema !== undefined && (
                <AnswerForm
                  card={card}
                  fields={card.received.question.schema.fields}
                  draft={draft}
                  onDraft={setDraft}
                  showErrors={showErrors}
                />
              )}
              <Rules card={card} draft={draft} onDraft={setDraft} />
            </>
          )}
          <EndOfQuestion />
          {isOpen && card.decisions.includes('denied') && <Reason draft={draft} onDraft={setDraft} />}
        </section>
        {isOpen ? (
          <Bar card={card} draft={draft} open={open} onErrors={() => setShowErrors(true)} />
        ) : (
          <EndedBar card={card} />
        )}
      </article>
    </ReadingContext.Provider>
  );
}

function useDraft(cardId: string): [Draft, (draft: Draft) => void] {
  const { drafts } = useApp();
  const [draft, setDraft] = useState(drafts.get(cardId) ?? NO_DRAFT);
  return [
    draft,
    (next) => {
      drafts.set(cardId, next);
      setDraft(next);
    },
  ];
}

/** What hinders, what went wrong, and what is hidden in the texts: before the texts. */
function Words({ card }: { readonly card: Card }): JSX.Element {
  const texts = useMemo(() => allTexts(card.received), [card.received]);
  const isOpen = card.status === 'open';
  return (
    <>
      {isOpen && card.hindrance !== undefined && <p class="note strong">{hindranceWords(card.hindrance)}</p>}
      {isOpen && card.problem !== undefined && (
        <p class="note strong" role="alert">
          {problemWords(card.problem)}
        </p>
      )}
      <StrangeNote texts={texts} />
    </>
  );
}

function Understood({ card, question }: { readonly card: Card; readonly question: Question }): JSX.Element {
  const { details = [], parameters = [], description, reasoning } = question;
  return (
    <>
      {details.map((detail, i) => (
        <Block key={i} {...detail} />
      ))}
      {parameters.length > 0 && (
        <section class="block">
          <Label>{REQUEST.parameters}</Label>
          <dl class="rows exact">
            {parameters.map(({ name, value }, i) => (
              <div key={i}>
                <dt>
                  <Strange text={name} />
                </dt>
                <dd>{value === '' ? <span class="soft">{REQUEST.empty}</span> : <Strange text={value} lines />}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      <AgentsWords label={REQUEST.description} text={description} />
      <AgentsWords label={REQUEST.reasoning} text={reasoning} />
      <About card={card} question={question} />
    </>
  );
}

/** The agent's own words, labelled as such and set apart from the app's. */
function AgentsWords({
  label,
  text,
}: {
  readonly label: string;
  readonly text: string | undefined;
}): JSX.Element | null {
  if (text === undefined) {
    return null;
  }
  return (
    <section class="block">
      <Label>{label}</Label>
      <blockquote class="agents-words">
        <Strange text={text} lines />
      </blockquote>
    </section>
  );
}

function About({ card, question }: { readonly card: Card; readonly question: Question }): JSX.Element {
  const now = useNow();
  const { context = {}, intent, assurance, issued_at } = question;
  const foreign = (text: string | undefined) => (text === undefined ? undefined : <Strange text={text} />);
  return (
    <section class="block">
      <Label>{REQUEST.about}</Label>
      <Rows
        rows={[
          [REQUEST.assurance, intent === 'inform' ? undefined : ASSURANCE[assurance]],
          [REQUEST.pairing, foreign(REQUEST.since(card.agent.name, dayWords(card.agent.pairedAt, now)))],
          [REQUEST.context.agent, foreign(context.agent)],
          [REQUEST.context.host, context.host === card.agent.host ? undefined : foreign(context.host)],
          [REQUEST.context.directory, foreign(context.directory)],
          [REQUEST.context.session, foreign(context.session)],
          [REQUEST.asked, agoWords(issued_at, now)],
        ]}
      />
    </section>
  );
}

/** A question that is not understood, as it stands. */
function Raw({ card }: { readonly card: Card }): JSX.Element | null {
  const { received } = card;
  const text = useMemo(() => (received.understood ? '' : JSON.stringify(received.members, null, 2)), [received]);
  if (received.understood) {
    return null;
  }
  return (
    <>
      <p class="note">
        <Strange text={REQUEST.rawNote(received.unknown)} />
      </p>
      <Block label={REQUEST.raw} format="code" text={text} />
    </>
  );
}

function EndOfQuestion(): JSX.Element {
  const mark = useEndMark('');
  return (
    <p class="end-of-question">
      <span ref={mark}>{REQUEST.endOfQuestion}</span>
    </p>
  );
}
