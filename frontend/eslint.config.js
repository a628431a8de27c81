import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import tseslint from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

/** Entries import shared/, never one another; only shared/map/ touches MapLibre. */
const entryOnly = (...others) => ({
  patterns: [
    { group: others.map((name) => `**/${name}/**`), message: 'Entries import shared/ only.' },
    { group: ['maplibre-gl', 'maplibre-gl/*', 'terra-draw*'], message: 'Only shared/map/ touches the map library.' },
  ],
});

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'shared/api/types.gen.ts'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: true, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }],
      // Our dates and maps are replaced, never changed in place.
      'svelte/prefer-svelte-reactivity': 'off',
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.svelte'], svelteConfig },
    },
  },
  {
    files: ['**/*.svelte'],
    rules: {
      // The parser sees callbacks given to components as any; svelte-check knows their types and checks them.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  { files: ['*.js'], ...tseslint.configs.disableTypeChecked },
  { files: ['*.js'], languageOptions: { globals: globals.node } },
  { files: ['staff/**'], rules: { 'no-restricted-imports': ['error', entryOnly('public', 'resident')] } },
  { files: ['public/**'], rules: { 'no-restricted-imports': ['error', entryOnly('staff', 'resident')] } },
  { files: ['resident/**'], rules: { 'no-restricted-imports': ['error', entryOnly('staff', 'public')] } },
);
