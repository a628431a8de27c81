// Staff pages: the look, and the islands that a page asks for.
import '../shared/ui/index.css';

import { mountIslands } from '../shared/ui/islands';

void mountIslands({
  composer: () => import('./compose/Composer.svelte'),
});
