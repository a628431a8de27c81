import type { Lang } from '../i18n';

const pl = {
  'AttributionControl.ToggleAttribution': 'Pokaż źródła mapy',
  'AttributionControl.MapFeedback': 'Zgłoś uwagę do mapy',
  'Map.Title': 'Mapa gminy',
  'Marker.Title': 'Znacznik',
  'NavigationControl.ResetBearing': 'Obróć mapę na północ',
  'NavigationControl.ZoomIn': 'Przybliż',
  'NavigationControl.ZoomOut': 'Oddal',
  'Popup.Close': 'Zamknij',
  'CooperativeGesturesHandler.WindowsHelpText': 'Aby przybliżyć mapę, przytrzymaj Ctrl i przewiń',
  'CooperativeGesturesHandler.MacHelpText': 'Aby przybliżyć mapę, przytrzymaj ⌘ i przewiń',
  'CooperativeGesturesHandler.MobileHelpText': 'Przesuń mapę dwoma palcami',
};

/** Words of MapLibre's own controls. */
export const CONTROL_LABELS: Record<Lang, Record<string, string>> = { pl, en: { 'Map.Title': 'Map of the municipality' } };
