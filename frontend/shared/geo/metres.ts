import type { LonLat } from './lon-lat';

const METRES_A_DEGREE = 111_320;

/** The place some metres east and north of another; good to a few parts in a thousand. */
export function shifted([lon, lat]: LonLat, eastM: number, northM: number): LonLat {
  return [lon + eastM / (METRES_A_DEGREE * Math.cos((lat * Math.PI) / 180)), lat + northM / METRES_A_DEGREE];
}
