/** Every text that the app says. A calm colleague's words: what is so, then one next step. */
export * from './texts/app.js';
export * from './texts/pairing.js';
export * from './texts/requests.js';
export * from './texts/words.js';
