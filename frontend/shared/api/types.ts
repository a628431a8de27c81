import type { components } from './types.gen';

/** What the REST API sends and takes, generated from its OpenAPI document (npm run gen-api). */
export type Schemas = components['schemas'];
