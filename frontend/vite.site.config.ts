// Islands in Django's pages: two entries, found by django-vite through the manifest.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [svelte()],
  base: '/static/',
  // Vite copies a folder named "public" verbatim; ours is an entry.
  publicDir: 'static',
  build: {
    outDir: 'dist/site',
    emptyOutDir: true,
    manifest: 'manifest.json',
    // Fonts and icons stay files: the content security policy forbids data: fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    rolldownOptions: { input: { staff: 'staff/main.ts', public: 'public/main.ts' } },
  },
});
