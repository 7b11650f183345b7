import { render } from 'preact';
import { createApprover } from './approver/browser.js';
import { registerWorker } from './approver/push.js';
import { App } from './views/app.js';

const approver = createApprover(__VERSION__);

/** A pairing link carries a secret: it goes from the address before anything else, and binds nothing by itself. */
function takeLink(): void {
  if (/^#[A-Za-z0-9_-]{90,}$/.test(location.hash)) {
    const link = location.origin + location.pathname + location.hash;
    history.replaceState(null, '', location.pathname);
    approver.offer(link);
  }
}

takeLink();
window.addEventListener('hashchange', takeLink);
const root = document.getElementById('app');
if (root !== null) {
  render(<App approver={approver} />, root);
}
void registerWorker();
