import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  // Components are tested in a browser's shape, not as server-side strings.
  resolve: { conditions: ['browser'] },
  test: {
    environment: 'happy-dom',
    include: ['{staff,public,resident,shared}/**/*.test.ts'],
    restoreMocks: true,
  },
});
