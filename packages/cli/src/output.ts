/** Where a command writes: data on stdout, for people and programs; progress and problems on stderr. */
export interface Output {
  data(text: string): void;
  progress(text: string): void;
}

export const processOutput: Output = {
  data: (text) => void process.stdout.write(`${text}\n`),
  progress: (text) => void process.stderr.write(`${text}\n`),
};
