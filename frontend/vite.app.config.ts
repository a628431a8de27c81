// The resident's app: static files with relative addresses, served at /app/ and shipped by Capacitor.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'resident',
  plugins: [svelte({ configFile: '../svelte.config.js' })],
  base: './',
  publicDir: 'static',
  build: {
    outDir: '../dist/app',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      input: { index: 'resident/index.html', 'service-worker': 'resident/service-worker.ts' },
      output: {
        // A service worker rules over the folder it lies in, and its name must stay.
        entryFileNames: ({ name }) => (name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
