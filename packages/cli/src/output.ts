/** Where a command writes: data on stdout, for people and programs; progress and problems on stderr. */
export interface Output {
  data(text: string): void;
  progress(text: string): void;
}

export const processOutput: Output = {
  data: (text) => void process.stdout.write(`${text}\n`),
  progress: (text) => void process.stderr.write(`${text}\n`),
};

/**
 * Lets a command outlive whoever reads it, as `head` does who has seen enough: what it still says is said to nobody, and it
 * goes on to its end, with its own exit code.
 */
export function outliveReaders(...streams: readonly NodeJS.WritableStream[]): void {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
