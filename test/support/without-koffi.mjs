// Plain JavaScript, because programs under test load it before themselves (`node --import`): there the package koffi is missing.
import { register } from 'node:module';

const hooks = `export function resolve(name, context, next) {
  if (name !== 'koffi') return next(name, context);
  const missing = new Error("Cannot find package 'koffi' imported from " + context.parentURL);
  throw Object.assign(missing, { code: 'ERR_MODULE_NOT_FOUND' });
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
