/*
 * What Placement and Kubernetes publish of the bodies they take, written as JSON schemas for these tests: the names, forms and limits of
 *
 *   openstack/placement, placement/schemas: resource_provider.py (POST_RP_SCHEMA_V1_14), inventory.py (PUT_INVENTORY_SCHEMA),
 *     trait.py (SET_TRAITS_FOR_RP_SCHEMA), common.py, commit 37721325798dda64d96d174f9e316620639fc9c9
 *   kubernetes/kubernetes: staging/src/k8s.io/api/resource/v1/types.go, commit 0226316d6a24ddc42701b5f874eda5b729648ca7 (1.37), and
 *     api/openapi-spec/v3/apis__resource.k8s.io__v1_openapi.json for what is required
 *
 * both under the Apache License 2.0. Fields that we never write are not listed, so that one of them is refused.
 */

const MAX_INT = 0x7fff_ffff;
const generation = { type: 'integer' };
const count = (minimum: number): object => ({ type: 'integer', minimum, maximum: MAX_INT });

export const PROVIDER = object(
  {
    name: { type: 'string', maxLength: 200 },
    uuid: { type: 'string', pattern: '^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$' },
    parent_provider_uuid: {
      anyOf: [{ type: 'string', pattern: '^[0-9a-fA-F-]{36}$' }, { type: 'null' }],
    },
  },
  ['name'],
);

export const INVENTORIES = object(
  {
    resource_provider_generation: generation,
    inventories: {
      type: 'object',
      // The classes that there are, and those of one's own.
      propertyNames: { pattern: '^(?:VGPU|CUSTOM_[A-Z0-9_]+)$' },
      additionalProperties: object(
        {
          total: count(1),
          reserved: count(0),
          min_unit: count(1),
          max_unit: count(1),
          step_size: count(1),
          allocation_ratio: { type: 'number' },
        },
        ['total'],
      ),
    },
  },
  ['resource_provider_generation', 'inventories'],
);

export const TRAIT = {
  type: 'string',
  minLength: 1,
  maxLength: 255,
  pattern: '^CUSTOM_[A-Z0-9_]+$',
};

export const TRAITS = object(
  { traits: { type: 'array', items: TRAIT }, resource_provider_generation: generation },
  ['traits', 'resource_provider_generation'],
);

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const label = { type: 'string', pattern: `^${LABEL}$` };
const subdomain = (maxLength: number): object => ({
  type: 'string',
  maxLength,
  pattern: `^${LABEL}(?:\\.${LABEL})*$`,
});
/** apimachinery's Quantity, as far as we write it. */
const quantity = object({ value: { type: 'string', pattern: '^[0-9]+(?:Mi)?$' } }, ['value']);
const counters = {
  type: 'object',
  propertyNames: label,
  additionalProperties: quantity,
  minProperties: 1,
  maxProperties: 32,
};
const named = (additionalProperties: object): object => ({
  type: 'object',
  propertyNames: { pattern: '^(?:[a-z0-9.-]{1,63}/)?[A-Za-z_][A-Za-z0-9_]{0,31}$' },
  additionalProperties,
  maxProperties: 32,
});

const DEVICE = object(
  {
    name: label,
    attributes: named({
      ...object({
        int: { type: 'integer' },
        bool: { type: 'boolean' },
        string: { type: 'string', maxLength: 64 },
      }),
      minProperties: 1,
      maxProperties: 1,
    }),
    capacity: named(quantity),
    consumesCounters: {
      type: 'array',
      maxItems: 2,
      items: object(
        {
          counterSet: label,
          counters,
          compatibilityGroups: { type: 'array', maxItems: 2, uniqueItems: true, items: label },
        },
        ['counterSet', 'counters'],
      ),
    },
  },
  ['name'],
);

export const RESOURCE_SLICE = object(
  {
    apiVersion: { const: 'resource.k8s.io/v1' },
    kind: { const: 'ResourceSlice' },
    metadata: object({ name: subdomain(253) }, ['name']),
    spec: {
      ...object(
        {
          driver: subdomain(63),
          nodeName: subdomain(253),
          pool: object(
            {
              name: subdomain(253),
              generation: { type: 'integer', minimum: 0 },
              resourceSliceCount: { type: 'integer', minimum: 1 },
            },
            ['name', 'generation', 'resourceSliceCount'],
          ),
          sharedCounters: {
            type: 'array',
            maxItems: 8,
            items: object({ name: label, counters }, ['name', 'counters']),
          },
          // 128, but 64 where a device consumes counters.
          devices: { type: 'array', maxItems: 64, items: DEVICE },
        },
        ['driver', 'pool', 'nodeName'],
      ),
      // Only one of them can be set.
      not: { required: ['sharedCounters', 'devices'] },
    },
  },
  ['apiVersion', 'kind', 'metadata', 'spec'],
);

function object(properties: object, required: readonly string[] = []): object {
  return { type: 'object', properties, required, additionalProperties: false };
}
