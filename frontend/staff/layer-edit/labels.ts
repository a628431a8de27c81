import { t } from '../../shared/i18n';
import type { Edited } from './api';

/** What a feature is called: its name, an address its street and number. */
export function labelOf({ id, properties: { name, attrs } }: Edited): string {
  const { street_name: street, number } = attrs;
  const address = [street, number].filter((part) => typeof part === 'string' && part !== '').join(' ');
  return name || address || t('edit.unnamed', { number: String(id) });
}
