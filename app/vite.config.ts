import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, defineConfig, type Plugin, type Rolldown } from 'vite';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

/** What the page may load and call. A server says the same in a header; this is for hosts of static files. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self' https: http://localhost:* http://127.0.0.1:*",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types harp',
].join('; ');

function contentSecurityPolicy(): Plugin {
  return {
    name: 'harp-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
        injectTo: 'head-prepend',
      },
    ],
  };
}

/** Builds the service worker as one classic script, which knows the files of this build. */
function serviceWorker(): Plugin {
  return {
    name: 'harp-worker',
    apply: 'build',
    async writeBundle(options, bundle) {
      const built = Object.keys(bundle).filter((file) => !file.endsWith('.map') && file !== 'index.html');
      const files = ['./', 'manifest.webmanifest', ...built, ...publicFiles()].sort();
      const digest = createHash('sha256');
      for (const file of Object.keys(bundle).sort()) {
        digest.update(file).update(contentOf(bundle[file]));
      }
      await build({
        configFile: false,
        logLevel: 'warn',
        publicDir: false,
        define: {
          __FILES__: JSON.stringify([...new Set(files)]),
          __BUILD__: JSON.stringify(digest.digest('hex').slice(0, 16)),
        },
        build: {
          target: 'es2023',
          sourcemap: true,
          emptyOutDir: false,
          outDir: options.dir ?? 'dist',
          rolldownOptions: {
            input: 'src/worker/sw.ts',
            output: { format: 'iife', entryFileNames: 'sw.js' },
          },
        },
      });
    },
  };
}

/** The icons: what the notification and the start screen show without a network. */
function publicFiles(): readonly string[] {
  return ['icon-192.png'].filter((file) => existsSync(join('public', file)));
}

function contentOf(output: Rolldown.OutputChunk | Rolldown.OutputAsset | undefined): string | Uint8Array {
  return output === undefined ? '' : output.type === 'chunk' ? output.code : output.source;
}

/** The licences of what is bundled, beside it. */
function licences(): Plugin {
  return {
    name: 'harp-licences',
    apply: 'build',
    writeBundle(options, bundle) {
      const modules = Object.values(bundle).flatMap((output) => (output.type === 'chunk' ? output.moduleIds : []));
      const packages = new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []));
      const notices = [...packages].sort().map(noticeOf);
      writeFileSync(join(options.dir ?? 'dist', 'THIRD-PARTY.txt'), `${notices.join(`\n${'-'.repeat(80)}\n\n`)}`);
    },
  };
}

function noticeOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly [member: string]: string;
  };
  const file = ['LICENSE', 'LICENSE.md', 'LICENCE', 'license'].map((each) => join(folder, each)).find(existsSync);
  if (file === undefined) {
    throw new Error(`${name} is bundled, and ${dirname(folder)} has no text of its licence`);
  }
  return `${name} ${version} (${license})\n\n${readFileSync(file, 'utf8').trim()}\n`;
}

export default defineConfig({
  // Served under any path: the relay's may lie below a prefix.
  base: './',
  define: { __VERSION__: JSON.stringify(version) },
  plugins: [contentSecurityPolicy(), licences(), serviceWorker()],
  build: { target: 'es2023', sourcemap: true, modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
});
