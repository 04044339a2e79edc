/**
 * What libvirt says of a `loadparm` that it refuses; undefined: it takes it, in capitals. (libvirt
 * src/conf/domain_conf.c: virDomainDefBootLoadparmValidate)
 */
export function loadparmProblem(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value.length === 0 || value.length > 8) {
    return `loadparm value '${value}' must be between 1 and 8 characters`;
  }
  const wrong = /[^A-Za-z0-9. ]/u.exec(value)?.[0];
  return wrong === undefined
    ? undefined
    : `invalid loadparm char '${wrong}', expecting chars in set of [a-zA-Z0-9.] and blank spaces`;
}
