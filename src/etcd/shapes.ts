import * as v from 'valibot';

// Answers of etcd's gateway: protocol buffers as JSON. 64-bit numbers are text, bytes base64, and what is 0 or empty is left
// out. https://etcd.io/docs/v3.4/dev-guide/apispec/swagger/rpc.swagger.json

/** Revisions and counts, which stay far below 2^53. */
const count = v.optional(
  v.pipe(v.string(), v.regex(/^\d{1,16}$/u), v.transform(Number), v.safeInteger()),
  '0',
);
const base64 = v.optional(
  v.pipe(
    v.string(),
    v.transform((text) => Buffer.from(text, 'base64').toString('utf8')),
  ),
  '',
);
/** Text, and its bytes: a key need not be UTF-8. */
const key = v.optional(
  v.pipe(
    v.string(),
    v.transform((raw) => ({ raw, text: Buffer.from(raw, 'base64').toString('utf8') })),
  ),
  '',
);
const header = v.object({ revision: count });
const keyValue = v.object({ key, value: base64, mod_revision: count, version: count });

export const rangeShape = v.object({
  header,
  kvs: v.optional(v.array(keyValue), []),
  more: v.optional(v.boolean(), false),
});
export const txnShape = v.object({ header, succeeded: v.optional(v.boolean(), false) });
export const grantShape = v.object({ ID: v.pipe(v.string(), v.regex(/^-?\d{1,19}$/u)) });
/** A lease that is over has no time left. */
export const keepAliveShape = v.object({ result: v.object({ TTL: count }) });
export const emptyShape = v.object({});
export const tokenShape = v.object({ token: v.string() });
/** In an answer; the gateway puts what comes in a stream into an object of its own. */
export const errorShape = v.object({
  message: v.string(),
  code: v.optional(v.pipe(v.number(), v.integer()), 2),
});
export const watchShape = v.union([
  v.object({
    result: v.object({
      header: v.optional(header, {}),
      canceled: v.optional(v.boolean(), false),
      cancel_reason: v.optional(v.string(), ''),
      compact_revision: count,
      events: v.optional(
        v.array(v.object({ type: v.optional(v.picklist(['PUT', 'DELETE']), 'PUT'), kv: keyValue })),
        [],
      ),
    }),
  }),
  v.object({
    error: v.object({
      grpc_code: v.optional(v.number()),
      code: v.optional(v.number()),
      message: v.string(),
    }),
  }),
]);
