import { t } from '../../shared/i18n';
import type { Alert } from '../phone.svelte';

/** What the badge beside the category says of an alert that is over or was a mistake; "" while it runs. */
export function endText({ ended, end_reason, message_kind }: Alert): string {
  if (message_kind === 'withdrawal' || end_reason === 'withdrawn') return t('app.withdrawn');
  if (message_kind === 'all_clear' || end_reason === 'all_clear') return t('app.all_clear');
  return ended ? t('app.expired') : '';
}
