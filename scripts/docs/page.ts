/** The headings of a page, as they are read. */
export function headings(page: string): string[] {
  return [...withoutBlocks(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => (heading as string).replaceAll('`', ''));
}

/** What a page has between backticks, each on one line; blocks of code are left out. */
export function codeSpans(page: string): string[] {
  return [...withoutBlocks(page).matchAll(/`([^`]+)`/g)].map(([, span]) => (span as string).replaceAll(/\s+/g, ' '));
}

/** The command lines of ours that a page shows, between backticks or in blocks, without what stands before and behind. */
export function commandLines(page: string): string[] {
  const blocks = [...page.matchAll(/^```sh\n(.+?)^```/gms)].flatMap(([, block]) => (block as string).split('\n'));
  return [...codeSpans(page), ...blocks]
    .map((line) => line.replace(/^(?:HOOKLINE_\w+=\S+ )+/, '').replace(/\s+#.*$/, ''))
    .filter((line) => /^hookline\s/.test(line));
}

/** Whether a text has what is quoted, "…" being anything. */
export function quotes(quoted: string, text: string): boolean {
  let from = 0;
  for (const piece of quoted.split('…').map((one) => one.trim())) {
    const at = text.indexOf(piece, from);
    if (at === -1) return false;
    from = at + piece.length;
  }
  return true;
}

function withoutBlocks(page: string): string {
  return page.replaceAll(/^```.*?^```$/gms, '');
}
