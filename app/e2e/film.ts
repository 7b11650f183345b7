import { writeFile } from 'node:fs/promises';

/** A film for a faked camera: a code that stands still in a grey picture, as one held before a phone. */

const WIDTH = 640;
const HEIGHT = 480;
const FRAMES = 4;
const GREY = 128;

/** Rows of modules, `true` where dark. */
export type Modules = readonly (readonly boolean[])[];

/**
 * Reads the code that `harp pair` draws on a terminal: two modules above each other are one half block, and a light one
 * is drawn.
 */
export function readHalfBlocks(output: string): Modules | undefined {
  const drawn = output.split('\n').filter((line) => /^[█▀▄ ]{25,}$/.test(line));
  const rows = drawn.flatMap((line) => [
    Array.from(line, (block) => block !== '█' && block !== '▀'),
    Array.from(line, (block) => block !== '█' && block !== '▄'),
  ]);
  return rows.length > 0 && rows.every((row) => row.length === rows[0]?.length) ? rows : undefined;
}

/** Writes the film, as uncompressed YUV 4:2:0. */
export async function writeFilm(file: string, modules: Modules): Promise<void> {
  const size = Math.floor((HEIGHT - 40) / modules.length);
  const left = Math.floor((WIDTH - size * modules.length) / 2);
  const top = Math.floor((HEIGHT - size * modules.length) / 2);
  const light = Buffer.alloc(WIDTH * HEIGHT, GREY);
  modules.forEach((row, y) => {
    row.forEach((dark, x) => {
      for (let line = 0; line < size; line++) {
        const at = (top + y * size + line) * WIDTH + left + x * size;
        light.fill(dark ? 20 : 230, at, at + size);
      }
    });
  });
  const frame = Buffer.concat([Buffer.from('FRAME\n'), light, Buffer.alloc((WIDTH * HEIGHT) / 2, GREY)]);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  await writeFile(file, Buffer.concat([head, ...Array.from({ length: FRAMES }, () => frame)]));
}
