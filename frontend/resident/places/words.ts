import { t } from '../../shared/i18n';
import type { Place, PlaceKind } from '../phone.svelte';

/** "Dom", "Praca", "Inne miejsce". */
export function placeName(kind: PlaceKind): string {
  return t(`app.place_${kind}`);
}

/** The address where there is one, else street and locality, else that it is a point on the map. */
export function placeWords({ address, street, locality }: Place): string {
  return address ?? ([street, locality].filter(Boolean).join(', ') || t('app.place_point'));
}
