/** What we read and write of a CycloneDX document; all else in it stays as it is. */
export interface Component {
  type: string;
  name: string;
  version: string;
  group?: string;
  purl?: string;
  'bom-ref'?: string;
  licenses?: Licence[];
  [field: string]: unknown;
}

/** An id of SPDX, an expression of several, or whatever else a package says. */
type Licence = { license: { id: string } | { name: string } } | { expression: string };

export interface Bill {
  metadata: { component: Component; [field: string]: unknown };
  components: Component[];
  dependencies: { ref: string; dependsOn?: string[] }[];
  [field: string]: unknown;
}

/** What lies in an image besides packages of npm, and what only the image tells of those. */
export interface ImageContent {
  /** The image's reference without its tag, and its version. */
  image: string;
  version: string;
  /** `process.versions` of its Node.js. */
  runtime: Record<string, string>;
  debian: { name: string; version: string; architecture: string }[];
  /** Licences as the packages declare them, by `name@version`. */
  licences: ReadonlyMap<string, string>;
}

/** Makes the bill of a service's packages the bill of its image. */
export function completeBill(bill: Bill, content: ImageContent): Bill {
  const { component } = bill.metadata;
  const image: Component = {
    type: 'container',
    name: content.image,
    version: content.version,
    'bom-ref': `${content.image}@${content.version}`,
    ...(component.licenses === undefined ? {} : { licenses: component.licenses }),
  };
  const others = [nodeComponent(content.runtime), ...content.debian.map(debianComponent)];
  const parts = [...others, component, ...bill.components.map((part) => withLicence(part, content.licences))];
  return {
    ...bill,
    metadata: { ...bill.metadata, component: image },
    components: parts,
    dependencies: [
      { ref: refOf(image), dependsOn: [refOf(component), ...others.map(refOf)] },
      ...bill.dependencies,
      ...others.map((other) => ({ ref: refOf(other), dependsOn: [] })),
    ],
  };
}

/** The name by which npm knows a package: with its scope. */
export function nameOf({ group, name }: Component): string {
  return group === undefined ? name : `${group}/${name}`;
}

function nodeComponent({ node = '', ...libraries }: Record<string, string>): Component {
  return {
    ...generic('application', 'node', node),
    cpe: `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`,
    licenses: [{ license: { id: 'MIT' } }],
    // What is compiled into it, as it says itself: an advisory for OpenSSL concerns it, too.
    components: [
      'ares',
      'brotli',
      'icu',
      'llhttp',
      'nghttp2',
      'openssl',
      'sqlite',
      'undici',
      'uv',
      'v8',
      'zlib',
      'zstd',
    ]
      .filter((library) => (libraries[library] ?? '') !== '')
      .map((library) => generic('library', library, libraries[library] ?? '')),
  };
}

function generic(type: string, name: string, version: string): Component {
  const purl = `pkg:generic/${name}@${version}`;
  return { type, name, version, purl, 'bom-ref': purl };
}

function debianComponent({ name, version, architecture }: ImageContent['debian'][number]): Component {
  const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}`;
  return { type: 'library', name, version, purl, 'bom-ref': purl };
}

function withLicence(part: Component, licences: ReadonlyMap<string, string>): Component {
  const licence = licences.get(`${nameOf(part)}@${part.version}`);
  if (part.licenses !== undefined || licence === undefined) return part;
  return { ...part, licenses: [asLicence(licence)] };
}

function asLicence(text: string): Licence {
  if (/^[\w.+-]+$/.test(text)) return { license: { id: text } };
  return / (OR|AND|WITH) /.test(text) ? { expression: text } : { license: { name: text } };
}

function refOf(component: Component): string {
  return component['bom-ref'] ?? '';
}
