import { REGION_FLAG } from '../vfio/constants.ts';
import type { RegionInfo } from '../vfio/device.ts';

const FIXED_BYTES = 32;
const CAP_HEADER_BYTES = 8;
/** linux/vfio.h: VFIO_REGION_INFO_CAP_SPARSE_MMAP, VFIO_REGION_INFO_CAP_TYPE. */
const CAP_SPARSE = 1;
const CAP_TYPE = 2;

/**
 * struct vfio_region_info of linux/vfio.h with its capabilities.
 *
 * @param isShared whether the client is given the file of the region's memory; otherwise it is told of no mapping
 */
export function regionInfoBody(index: number, info: RegionInfo, isShared: boolean): Buffer {
  const capabilities = [
    ...(isShared && info.areas !== undefined ? [sparse(info.areas)] : []),
    ...(info.type === undefined ? [] : [ofType(info.type)]),
  ];
  const hidden = isShared ? REGION_FLAG.caps : REGION_FLAG.caps | REGION_FLAG.mmap;
  const fixed = Buffer.alloc(FIXED_BYTES);
  let end = FIXED_BYTES;
  for (const [number, each] of capabilities.entries()) {
    end += each.length;
    if (number < capabilities.length - 1) each.writeUInt32LE(end, 4); // the next one
  }
  const hasCaps = capabilities.length > 0;
  fixed.writeUInt32LE(end, 0);
  fixed.writeUInt32LE((info.flags & ~hidden) | (hasCaps ? REGION_FLAG.caps : 0), 4);
  fixed.writeUInt32LE(index, 8);
  fixed.writeUInt32LE(hasCaps ? FIXED_BYTES : 0, 12);
  fixed.writeBigUInt64LE(BigInt(info.size), 16);
  return Buffer.concat([fixed, ...capabilities]);
}

function capability(id: number, bytes: number): Buffer {
  const body = Buffer.alloc(CAP_HEADER_BYTES + bytes);
  body.writeUInt16LE(id, 0);
  body.writeUInt16LE(1, 2);
  return body;
}

/** struct vfio_region_info_cap_sparse_mmap. */
function sparse(areas: NonNullable<RegionInfo['areas']>): Buffer {
  const body = capability(CAP_SPARSE, 8 + areas.length * 16);
  body.writeUInt32LE(areas.length, CAP_HEADER_BYTES);
  for (const [number, { offset, size }] of areas.entries()) {
    body.writeBigUInt64LE(BigInt(offset), 16 + number * 16);
    body.writeBigUInt64LE(BigInt(size), 24 + number * 16);
  }
  return body;
}

/** struct vfio_region_info_cap_type. */
function ofType({ type, subtype }: NonNullable<RegionInfo['type']>): Buffer {
  const body = capability(CAP_TYPE, 8);
  body.writeUInt32LE(type, CAP_HEADER_BYTES);
  body.writeUInt32LE(subtype, CAP_HEADER_BYTES + 4);
  return body;
}
