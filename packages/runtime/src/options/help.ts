import { defaultText, typeText } from './facts.ts';
import type { Option, OptionTable } from './option.ts';
import { fileVariables } from './file-variables.ts';

const INDENT = ' '.repeat(6);
const WIDTH = 100;

/** What `--help` prints: one paragraph per environment variable. */
export function helpText(program: string, description: string, table: OptionTable): string {
  const files = fileVariables(table);
  const shown = Object.values(table).filter(({ fileOf }) => fileOf === undefined);
  const paragraphs = shown.map((option) => paragraph(option, files.get(option.env)));
  return `${program}: ${description}

Usage: ${program} [--help | --version]

Settings are environment variables; one set to the empty string counts as not set.

${paragraphs.join('\n\n')}
`;
}

function paragraph(option: Option<unknown>, file: string | undefined): string {
  const sentences = [option.help];
  if (file !== undefined) sentences.push(`Instead, ${file} can name a file that holds the value.`);
  return [`  ${option.env}`, ...wrap(sentences.join(' ')), `${INDENT}[${typeText(option)}; ${presence(option)}]`].join(
    '\n',
  );
}

function presence(option: Option<unknown>): string {
  if (option.required) return 'required';
  const text = defaultText(option);
  return text === null ? 'optional' : `default ${text}`;
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > WIDTH) lines.push(INDENT + word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
