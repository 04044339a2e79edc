import type { FunctionFiles, NumberedType } from '../driver.ts';
import { boardTypes } from './board-types.ts';
import { functionRefusals } from './function-refusals.ts';

const HEADER = 'ID    : vGPU Name';

/** `1155  : NVIDIA L40S-24Q`, and the forms that other releases are said to have: without the colon, or the name first. A name may be empty. */
const LINES: readonly { readonly form: RegExp; readonly number: number; readonly name: number }[] =
  [
    { form: /^\s*(\d+)\s*:\s*(\S.*?|)\s*$/, number: 1, name: 2 },
    { form: /^\s*(\d+)\s+([^\s:].*?)\s*$/, number: 1, name: 2 },
    { form: /^\s*([^\s:].*?)\s+(\d+)\s*$/, number: 2, name: 1 },
  ];

function parseLine(line: string): NumberedType | undefined {
  for (const { form, number: at, name } of LINES) {
    const found = form.exec(line);
    const number = Number(found?.[at]);
    if (found !== null && Number.isSafeInteger(number) && number > 0) {
      return found[name] === '' ? { number } : { number, name: found[name] };
    }
  }
  return undefined;
}

/**
 * The files of NVIDIA's vendor-specific VFIO framework, since vGPU 17 (seen with 580.105.06 in
 * https://github.com/bigstack-oss/cubecos/issues/312). `gpu_instance_id`, `placement_id` and `vgpu_params` cannot be read
 * before there is a vGPU (ENXIO).
 */
export const functionFiles: FunctionFiles = {
  name: 'nvidia-vfio',
  fullErrno: 'EIO',
  refusals: functionRefusals,
  boundTo: 'nvidia',
  current: 'nvidia/current_vgpu_type',
  offered: 'nvidia/creatable_vgpu_types',
  attributes: ['nvidia/gpu_instance_id', 'nvidia/placement_id', 'nvidia/vgpu_params'],
  idOf: (number) => `nvidia-${number}`,
  numberOf: (id) => {
    const [, number] = /^nvidia-([1-9]\d{0,8})$/.exec(id) ?? [];
    return number === undefined ? undefined : Number(number);
  },
  parse: (text) =>
    text
      .split('\n')
      .filter((line) => !/^\s*ID\s*:/.test(line))
      .flatMap((line) => parseLine(line) ?? []),
  format: (types) =>
    [HEADER, ...types.map(({ number, name }) => `${String(number).padEnd(5)} : ${name}`), ''].join(
      '\n',
    ),
  boardTypes,
};
