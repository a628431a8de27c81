/** Colours of what a page shows on its map (the map's own are in its style), read from the tokens so that they stand in one place and follow dark mode. */
export interface MapColours {
  readonly land: string;
  readonly label: string;
  readonly edge: string;
  readonly selected: string;
  readonly casing: string;
  readonly hover: string;
  readonly refused: string;
}

export function mapColours(root: Element = document.documentElement): MapColours {
  const style = getComputedStyle(root);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    land: token('--map-land'),
    label: token('--map-label'),
    edge: token('--line-strong'),
    selected: token('--map-selected'),
    casing: token('--surface'),
    hover: token('--map-hover'),
    refused: token('--warning'),
  };
}
