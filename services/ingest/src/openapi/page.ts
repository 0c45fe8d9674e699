import { ANSWERS, type AnswerCode } from '../answers.ts';
import { document } from './document.ts';
import { EXAMPLE_SECRET, type Exchange, EXCHANGES } from './exchanges.ts';

const operation = document.paths['/webhooks/{source}'].post;

function escape(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] as string);
}

/** Text of the document, in which `code` is marked as in Markdown. */
function prose(text: string): string {
  return escape(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function headerLines(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

function exchangeHtml({ name, summary, needs, request, response }: Exchange): string {
  const sent = `${request.method} ${request.path} HTTP/1.1\n${headerLines(request.headers)}\n${request.body ?? ''}`;
  const answered = `HTTP/1.1 ${response.status}\n${headerLines(response.headers)}\n${JSON.stringify(response.body, null, 2)}`;
  return `<section id="example-${name}"><h3>${escape(summary)}</h3>
${needs === undefined ? '' : `<p>Needs: ${escape(needs)}.</p>\n`}<pre>${escape(sent.trimEnd())}</pre>
<pre class="answer">${escape(answered)}</pre></section>`;
}

function answerRow(code: AnswerCode): string {
  const { status, detail } = ANSWERS[code];
  return `<tr id="${code}"><td>${status}</td><td><code>${code}</code></td><td>${escape(detail)}</td></tr>`;
}

const parameterRows = operation.parameters.map(({ name, in: place, required, description }) => {
  const presence = required ? 'required' : 'optional';
  return `<tr><td><code>${escape(name)}</code></td><td>${place}, ${presence}</td><td>${prose(description)}</td></tr>`;
});

/** The OpenAPI document for people: one page without scripts that loads nothing from anywhere. */
export const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${document.info.title}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
pre { background: #f4f4f4; color: #111; padding: .75rem; overflow-x: auto; white-space: pre-wrap; word-break: break-all; }
pre.answer { background: #eef5ee; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #ddd; }
tr:target { background: #fff3c4; }
</style>
</head>
<body>
<h1>${document.info.title}</h1>
<p>${prose(document.info.description)} This page as a document: <a href="/openapi.json">OpenAPI 3.1</a>.</p>
<h2>${operation.summary}: <code>POST /webhooks/{source}</code></h2>
<p>${prose(operation.description)}</p>
<table><tr><th>Parameter</th><th></th><th></th></tr>
${parameterRows.join('\n')}
</table>
<h2>Answers</h2>
<table><tr><th>Status</th><th>Code</th><th>When</th></tr>
${(Object.keys(ANSWERS) as AnswerCode[]).map(answerRow).join('\n')}
</table>
<h2>Examples</h2>
<p>Their sources have the secret <code>${escape(EXAMPLE_SECRET)}</code>.</p>
${EXCHANGES.map(exchangeHtml).join('\n')}
</body>
</html>
`;
