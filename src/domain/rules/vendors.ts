import type { Driver } from '../../drivers/driver.ts';
import { driverForType, drivers } from '../../drivers/registry.ts';
import { shortTypeName } from '../../drivers/type-facts.ts';
import type { VmRule } from '../../drivers/vm-rule.ts';
import { type Assigned, activeDevices } from './host.ts';
import { found, lineOf, type Rule, uuidNode } from './rule.ts';

/** The rules of vendors for several devices in one domain. */
export function vendorRules(): readonly Rule[] {
  return drivers.flatMap((driver) =>
    driver.vmRule === undefined ? [] : [ruleOf(driver, driver.vmRule)],
  );
}

function ruleOf(driver: Driver, { summary, source, conflicts }: VmRule): Rule {
  return {
    code: `${driver.name}-vgpus-mixed`,
    severity: 'error',
    stage: 'host',
    summary,
    source,
    check: (context) => {
      const own = activeDevices(context).filter(
        ({ device }) => driverForType(device.type) === driver,
      );
      return conflicts(own.map(typeOf)).flatMap(({ device, other, why, hint }) => {
        const [one, first] = [own[device], own[other]];
        if (one === undefined || first === undefined) return [];
        return found(
          uuidNode(one.hostdev),
          `${shortTypeName(typeOf(one))} and ${shortTypeName(typeOf(first))} (${lineOf(first.hostdev.element)}) do not go into one VM: ${why}`,
          hint,
        );
      });
    },
  };
}

function typeOf({ device: { type, typeName } }: Assigned) {
  return { id: type, name: typeName };
}
