import { defaultText, typeText } from './facts.ts';
import { fileVariables } from './file-variables.ts';
import type { OptionTable } from './option.ts';

/** The table of settings of a service's documentation page, in GitHub's Markdown. */
export function optionsMarkdown(table: OptionTable): string {
  const files = fileVariables(table);
  const shown = Object.values(table).filter(({ fileOf }) => fileOf === undefined);
  const rows = shown.map((option) => {
    const file = files.get(option.env);
    const value = defaultText(option);
    return [
      file === undefined ? `\`${option.env}\`` : `\`${option.env}\` or \`${file}\``,
      typeText(option),
      value === null ? (option.required ? '**required**' : '') : `\`${value}\``,
      option.help,
    ];
  });
  const line = (cells: string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(['Variable', 'Type', 'Default', 'What it does']), '|---|---|---|---|', ...rows.map(line), ''].join('\n');
}
