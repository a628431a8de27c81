// Pages without a staff member behind them: sign-in, public pages, layers for programs.
import '../shared/ui/index.css';

import { mountIslands } from '../shared/ui/islands';

void mountIslands({
  features: () => import('./ogc/Features.svelte'),
});
