import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { useApp } from './context.js';
import { formatRoute, type Route } from './route.js';

interface HeadingProps {
  readonly level: 1 | 2;
  readonly children: ComponentChildren;
  /** Takes the focus when this changes, so that keyboard and screen reader follow the screen. Not at the first draw. */
  readonly focus?: string;
  readonly id?: string;
}

export function Heading({ level, children, focus, id }: HeadingProps): JSX.Element {
  const element = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (focus !== undefined && started) {
      element.current?.focus({ preventScroll: true });
    }
    started = true;
  }, [focus]);
  const Tag = level === 1 ? 'h1' : 'h2';
  return (
    <Tag class="title" tabIndex={-1} ref={element} {...(id === undefined ? {} : { id })}>
      {children}
    </Tag>
  );
}

/** A heading below the one of a question or of a screen: one level deeper than that. */
export function Label({ children, id }: { readonly children: ComponentChildren; readonly id?: string }): JSX.Element {
  const Tag = useApp().wide ? 'h3' : 'h2';
  return (
    <Tag class="label" {...(id === undefined ? {} : { id })}>
      {children}
    </Tag>
  );
}

/** The first screen leaves the focus where the browser puts it. */
let started = false;

interface ButtonProps {
  readonly kind?: 'first' | 'second' | 'quiet' | 'danger';
  readonly onPress: () => void;
  readonly children: ComponentChildren;
  readonly busy?: boolean;
}

export function Button({ kind = 'second', onPress, children, busy = false }: ButtonProps): JSX.Element {
  return (
    <button type="button" class={`button ${kind}`} aria-disabled={busy} onClick={() => !busy && onPress()}>
      {children}
    </button>
  );
}

export function Link(props: {
  readonly to: Route;
  readonly class?: string;
  readonly current?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <a
      href={formatRoute(props.to)}
      class={props.class ?? 'link'}
      {...(props.current === true && { 'aria-current': 'page' })}
    >
      {props.children}
    </a>
  );
}

export function BackLink({ to, children }: { readonly to: Route; readonly children: ComponentChildren }): JSX.Element {
  return (
    <p class="back">
      <Link to={to}>
        <span aria-hidden="true">‹ </span>
        {children}
      </Link>
    </p>
  );
}

/** Names and values, one below the other. Rows without a value are left out. */
export function Rows({
  rows,
}: {
  readonly rows: readonly (readonly [ComponentChildren, ComponentChildren])[];
}): JSX.Element {
  return (
    <dl class="rows">
      {rows.map(([name, value], i) =>
        value === undefined ? null : (
          <div key={i}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** A sentence about how things are, and one next step. */
export function State(props: {
  readonly title: ComponentChildren;
  readonly level?: 1 | 2;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="state">
      <Heading level={props.level ?? 2}>{props.title}</Heading>
      {props.children}
    </div>
  );
}

/** Asks once more before something that cannot be undone. The browser keeps the focus in it; Escape leaves it. */
export function Confirm(props: {
  readonly title: ComponentChildren;
  readonly text: string;
  readonly yes: string;
  readonly no: string;
  readonly onYes: () => void;
  readonly onNo: () => void;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="confirm" aria-labelledby={title} onClose={props.onNo}>
      <h2 id={title}>{props.title}</h2>
      <p>{props.text}</p>
      <div class="pair-of-buttons">
        <Button onPress={props.onNo}>{props.no}</Button>
        <Button kind="danger" onPress={props.onYes}>
          {props.yes}
        </Button>
      </div>
    </dialog>
  );
}
