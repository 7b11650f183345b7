import { render } from 'preact';
import { App } from '../../src/views/app.js';
import { FakeApprover } from './fake-approver.js';
import { STATES } from './states.js';

/** The views with an approver that only remembers. `?state=NAME` says what it shows; tests change it by `fake`. */

const name = new URLSearchParams(location.search).get('state') ?? '';
const make = STATES[name];
const root = document.getElementById('app');
if (make === undefined || root === null) {
  throw new Error(`no state ${name}; there are ${Object.keys(STATES).join(', ')}`);
}
const approver = new FakeApprover(make());
Object.assign(globalThis, { fake: approver });
render(<App approver={approver} />, root);
