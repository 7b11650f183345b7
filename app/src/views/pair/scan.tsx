import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../context.js';
import { BackLink, Button, Heading, Link } from '../parts.js';
import { APP, PAIR } from '../texts.js';
import { type CameraProblem, watchCamera } from './camera.js';

export function Scan(): JSX.Element {
  const { approver } = useApp();
  const video = useRef<HTMLVideoElement>(null);
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState<'starting' | 'on' | 'other' | CameraProblem>('starting');
  // Each attempt starts the camera anew.
  useEffect(() => {
    const leaving = new AbortController();
    const take = (text: string) => {
      if (text.includes('#')) {
        approver.offer(text);
      } else {
        setState('other');
      }
    };
    setState('starting');
    if (video.current !== null) {
      void watchCamera(video.current, leaving.signal, () => setState('on'), take).then((problem) => {
        if (problem !== undefined && !leaving.signal.aborted) {
          setState(problem);
        }
      });
    }
    return () => leaving.abort();
  }, [approver, attempt]);
  const broken = state !== 'starting' && state !== 'on' && state !== 'other';
  return (
    <div class="sheet">
      <BackLink to={{ section: 'pair' }}>{APP.back}</BackLink>
      <Heading level={1} focus="scan">
        {PAIR.scanTitle}
      </Heading>
      <video ref={video} class={broken ? 'camera off' : 'camera'} playsInline muted aria-label={PAIR.video} />
      <p class={broken ? 'note strong' : 'soft'} aria-live="polite">
        {broken ? PAIR.camera[state] : { starting: PAIR.starting, on: PAIR.aim, other: PAIR.notOurs }[state]}
      </p>
      <div class="stack">
        {broken && <Button onPress={() => setAttempt(attempt + 1)}>{PAIR.retry}</Button>}
        <Link to={{ section: 'pair', way: 'paste' }} class={broken ? 'button first' : 'button second'}>
          {PAIR.paste}
        </Link>
      </div>
    </div>
  );
}
