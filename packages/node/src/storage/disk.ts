import * as fs from 'node:fs'
import { promisify } from 'node:util'

/** The calls of `node:fs` that storage makes, on plain descriptors, so that workers can share them. */
export const disk = {
  open: promisify(fs.open),
  close: promisify(fs.close),
  lstat: promisify(fs.lstat),
  fstat: promisify(fs.fstat),
  stat: promisify(fs.stat),
  statfs: promisify(fs.statfs),
  mkdir: promisify(fs.mkdir),
  rmdir: promisify(fs.rmdir),
  unlink: promisify(fs.unlink),
  rename: promisify(fs.rename),
  fsync: promisify(fs.fsync),
  fdatasync: promisify(fs.fdatasync),
  ftruncate: promisify(fs.ftruncate),
  /** Reads once: the bytes read, 0 at the end of the file. */
  read(fd: number, into: Uint8Array, at: number, lengthBytes: number, offset: number) {
    return new Promise<number>((resolve, reject) => {
      fs.read(fd, into, at, lengthBytes, offset, (error, readBytes) =>
        error === null ? resolve(readBytes) : reject(error),
      )
    })
  },
  /** Writes once: the bytes written. */
  write(fd: number, from: Uint8Array, at: number, lengthBytes: number, offset: number) {
    return new Promise<number>((resolve, reject) => {
      fs.write(fd, from, at, lengthBytes, offset, (error, writtenBytes) =>
        error === null ? resolve(writtenBytes) : reject(error),
      )
    })
  },
}
