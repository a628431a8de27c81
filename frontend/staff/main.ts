// Staff pages: the look, and the islands that a page asks for.
import '../shared/ui/index.css';

import { mountIslands } from '../shared/ui/islands';

void mountIslands({
  composer: () => import('./compose/Composer.svelte'),
  differences: () => import('./layers/Differences.svelte'),
  effects: () => import('./layers/Effects.svelte'),
  look: () => import('./layers/Look.svelte'),
  editor: () => import('./layer-edit/Editor.svelte'),
  'import-progress': () => import('./imports/ImportProgress.svelte'),
  moves: () => import('./alert/Moves.svelte'),
  progress: () => import('./alert/Progress.svelte'),
  report: () => import('./layers/Report.svelte'),
  where: () => import('./alert/Where.svelte'),
});
