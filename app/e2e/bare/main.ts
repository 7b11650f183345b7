import { createApprover } from '../../src/approver/browser.js';

/** For tests of the rules: they call the approver as the views do, and read its snapshot. */
Object.assign(window, { approver: createApprover('test') });
