/** Degrees in EPSG:4326, longitude first as in GeoJSON. */
export type LonLat = readonly [lon: number, lat: number];
/** West, south, east, north in degrees. */
export type Bbox = readonly [west: number, south: number, east: number, north: number];
