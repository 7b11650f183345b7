import { defineConfig } from 'vite';

export default defineConfig({
  // Served under any path: the relay's may lie below a prefix.
  base: './',
  build: { target: 'es2023', sourcemap: true, modulePreload: { polyfill: false } },
});
