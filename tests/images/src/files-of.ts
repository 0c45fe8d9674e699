import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { listFiles } from '../../../scripts/images/list-files.ts';

/** A line for each file of an image: path, mode, time, and what is in it or where it leads. */
export function filesOf(folder: string): string[] {
  return listFiles(folder)
    .filter((path) => !MADE_BY_THE_ENGINE.test(path.slice(folder.length)))
    .map((path) => {
      const status = lstatSync(path);
      const content = status.isSymbolicLink()
        ? readlinkSync(path)
        : status.isFile()
          ? createHash('sha256').update(readFileSync(path)).digest('hex')
          : 'folder';
      const time = Math.floor(status.mtimeMs / 1000);
      return `${path.slice(folder.length)} ${status.mode.toString(8)} ${time} ${content}`;
    });
}

/** What a container has besides its image. */
const MADE_BY_THE_ENGINE = /^\/(\.dockerenv|dev(\/.*)?|proc|sys|etc|etc\/(hostname|hosts|mtab|resolv\.conf))$/;
